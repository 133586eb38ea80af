"""Turns the C++ blocks of our documents into sources for the tests to compile.

extract_docs.py OUTPUT_DIRECTORY ROOT PAGE...

Prints a line for each source: `snippets FILE` for the small blocks of a page, all in one file, or
`program NAME FILE` for a block with a main function. CONTRIBUTING.md says how blocks are marked.
"""

import pathlib
import re
import sys

PRELUDE = """#include <banyan/banyan.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>
"""

WRAPPERS = {
    "": ("", ""),
    "body": ("inline banyan::task<void> body(banyan::context& ctx) {\n", "  co_return;\n}\n"),
    "main": ("inline void main_part(banyan::runtime& rt) {\n", "}\n"),
}


class Block:
    def __init__(self, page, line, mark, lines):
        self.page, self.line, self.mark = page, line, mark
        self.text = "".join(lines)

    def fail(self, reason):
        sys.exit(f"{self.page}:{self.line}: {reason}")

    def is_program(self):
        return re.search(r"^int main\(", self.text, re.MULTILINE) is not None

    def located(self, text, offset=0):
        return f'#line {self.line + 1 + offset} "{self.page}"\n{text}'

    def wrapped(self):
        """The block in a namespace that is left open, so that later blocks of the page see what it declares."""
        before, after = WRAPPERS[self.mark]
        return f"namespace line_{self.line} {{\n{before}{self.located(self.text)}{after}"


def blocks_of(page):
    fence, block = None, None
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(keepends=True), 1):
        match = re.match(r"( *)(`{3,}|~{3,})[ ]*([^`\n]*)$", line)
        if fence is None and match:
            indent, fence, info = len(match[1]), match[2], match[3].split()
            block = Block(page, number, " ".join(info[1:]), [])
            if not info or info[0] != "cpp":
                if info and info[0].lower() in ("c++", "cc", "cxx", "c"):
                    block.fail(f"mark C++ as cpp, not as {info[0]}")
                block = None
            elif block.mark not in WRAPPERS:
                block.fail(f"a cpp block is marked with nothing, body or main, not with '{block.mark}'")
        elif fence is not None and match and match[2].startswith(fence) and not match[3].strip():
            if block:
                yield block
            fence, block = None, None
        elif block:
            block.text += line[min(indent, len(line) - len(line.lstrip(" "))) :]
    if fence is not None:
        sys.exit(f"{page}: a fence is not closed")


def snippet_source(name, blocks):
    """The blocks with their includes taken out to the front."""
    includes = []
    for block in blocks:
        includes += re.findall(r"^#include.*\n", block.text, re.MULTILINE)
        block.text = re.sub(r"^#include.*$", "", block.text, flags=re.MULTILINE)
    body = "".join(block.wrapped() for block in blocks)
    return f"{PRELUDE}{''.join(includes)}\nnamespace {name} {{\n{body}{'}' * (len(blocks) + 1)}\n"


def write(path, text):
    """Leaves a file that would not change alone: it need not be compiled again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def main():
    output = pathlib.Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    for page in map(pathlib.Path, sys.argv[3:]):
        name = re.sub(r"[^a-z0-9]+", "_", str(page.relative_to(sys.argv[2]).with_suffix("")).lower())
        blocks = list(blocks_of(page))
        snippets = [block for block in blocks if not block.is_program()]
        if snippets:
            path = output / f"{name}.cpp"
            write(path, snippet_source(name, snippets))
            print(f"snippets {path}")
        for number, block in enumerate((block for block in blocks if block.is_program()), 1):
            if block.mark:
                block.fail("a block with a main function takes no mark")
            path = output / f"{name}_{number}.cpp"
            write(path, block.located(block.text))
            print(f"program {name}_{number} {path}")


main()
