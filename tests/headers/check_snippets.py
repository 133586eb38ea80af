"""check_snippets.py COMPILER INCLUDE DIRECTORY: compiles what is in DIRECTORY/accepted without a warning, and sees that
what is in DIRECTORY/refused does not compile, with the words of its first line."""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys


def compile_one(compiler, include, source):
    command = [compiler, "-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I", include, "-fsyntax-only", source]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    return done.returncode, done.stderr


def problem_of(compiler, include, source):
    code, said = compile_one(compiler, include, source)
    if source.parent.name == "accepted":
        return "" if code == 0 else f"{source} does not compile:\n{said}"
    mark = "// refused: "
    first = source.read_text().splitlines()[0]
    if not first.startswith(mark):
        return f"{source} begins without '{mark}'"
    if code == 0:
        return f"{source} compiles"
    words = first[len(mark):]
    return "" if words in said else f"{source} is refused without the words '{words}':\n{said}"


def main():
    compiler, include, directory = sys.argv[1:]
    if not shutil.which(compiler):
        print(f"{compiler} is not installed: what it makes of the headers is not checked")
        return 77
    sources = sorted(pathlib.Path(directory).glob("*/*.cpp"))
    if not sources:
        print(f"there is nothing to compile in {directory}")
        return 1
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = [p for p in pool.map(lambda s: problem_of(compiler, include, s), sources) if p]
    print("\n".join(problems) or f"{compiler}: {len(sources)} files, all well")
    return 1 if problems else 0


sys.exit(main())
