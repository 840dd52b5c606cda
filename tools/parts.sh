# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Run the parts of a whole, each to its end: a line and its seconds for each, the output of what failed, and a last line
# with the verdict. Outputs are kept in build/log.
failed=()
logs=build/log
mkdir -p "$logs"

part() { # name, command: one after the other
  local began=$SECONDS status=0
  "${@:2}" >"$logs/$1.log" 2>&1 || status=$?
  told "$1" "$began" "$status"
}

beside() { # name, command: while the following parts run; `verdict` waits for the one there may be
  beside_name=$1 beside_began=$SECONDS
  "${@:2}" >"$logs/$1.log" 2>&1 &
}

told() { # name, when it began, exit status
  local verdict=ok
  if [ "$3" != 0 ]; then
    verdict=FAILED
    failed+=("$1")
    cat "$logs/$1.log"
  fi
  printf '%-24s %4d s  %s\n' "$1" "$((SECONDS - $2))" "$verdict"
}

verdict() { # name of the whole
  local status=0
  if [ -n "${beside_name:-}" ]; then
    wait $! || status=$?
    told "$beside_name" "$beside_began" "$status"
  fi
  if [ "${#failed[@]}" -gt 0 ]; then
    printf '%s FAILED after %d s: %s (outputs: %s)\n' "$1" "$SECONDS" "${failed[*]}" "$logs"
    return 1
  fi
  printf '%s passed in %d s\n' "$1" "$SECONDS"
}
