# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Run the parts of a whole, one after the other, each to its end: a line and its seconds for each, the output of what
# failed, and a last line with the verdict. Outputs are kept in build/log.
failed=()
logs=build/log
mkdir -p "$logs"

part() { # name, command
  local name=$1 began=$SECONDS verdict=ok
  shift
  if ! "$@" >"$logs/$name.log" 2>&1; then
    verdict=FAILED
    failed+=("$name")
    cat "$logs/$name.log"
  fi
  printf '%-24s %4d s  %s\n' "$name" "$((SECONDS - began))" "$verdict"
}

verdict() { # name of the whole
  if [ "${#failed[@]}" -gt 0 ]; then
    printf '%s FAILED after %d s: %s (outputs: %s)\n' "$1" "$SECONDS" "${failed[*]}" "$logs"
    return 1
  fi
  printf '%s passed in %d s\n' "$1" "$SECONDS"
}
