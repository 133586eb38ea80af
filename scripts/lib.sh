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
  if [[ ! -f $build/build.ninja || ! $build/configured -nt $root/CMakePresets.json ]]; then
    (cd -- "$root" && cmake --preset "$1")
    touch -- "$build/configured"
  fi
}

# build PRESET [TARGET...]: everything where no target is named.
build() {
  local preset=$1
  shift
  use_writable_ccache
  cmake --build "$root/build/$preset" --parallel "$jobs" ${@:+--target "$@"}
}

# Those without a home directory have their compiler cache here.
use_writable_ccache() {
  local cache
  cache=$(ccache --get-config cache_dir 2> /dev/null) || return 0
  mkdir -p -- "$cache" 2> /dev/null && [[ -w $cache ]] || export CCACHE_DIR=$root/build/ccache
}
