# shellcheck shell=bash
# What the scripts share. Sourced by them, after `set -euo pipefail`.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
jobs=${BANYAN_JOBS:-$(nproc)}

say() { printf '%s\n' "$*" >&2; }

die() {
  say "${0##*/}: $*"
  exit 2
}

# configure PRESET: at once when build/PRESET is configured and no preset was edited since.
configure() {
  local build=$root/build/$1
  if [[ ! -f $build/build.ninja || $root/CMakePresets.json -nt $build/CMakeCache.txt ]]; then
    (cd -- "$root" && cmake --preset "$1")
    touch -- "$build/CMakeCache.txt"
  fi
}

# build PRESET [TARGET...]: everything where no target is named.
build() {
  local preset=$1
  shift
  cmake --build "$root/build/$preset" --parallel "$jobs" ${@:+--target "$@"}
}
