# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Run the parts of a whole, each to its end: a line and its seconds for each, the output of what failed, and a last line
# with the verdict. Outputs are kept in build/log.
failed=() running=()
logs=build/log
mkdir -p "$logs"

part() { # name, command: one after the other
  local began=$SECONDS status=0
  "${@:2}" >"$logs/$1.log" 2>&1 || status=$?
  told "$1" "$began" "$status"
}

beside() { # name, command: while others run, until `together`
  "${@:2}" >"$logs/$1.log" 2>&1 &
  running+=("$! $1 $SECONDS")
}

together() { # wait for all that run beside
  local pid name began status
  for entry in "${running[@]}"; do
    read -r pid name began <<<"$entry"
    status=0
    wait "$pid" || status=$?
    told "$name" "$began" "$status"
  done
  running=()
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
  together
  if [ "${#failed[@]}" -gt 0 ]; then
    printf '%s FAILED after %d s: %s (outputs: %s)\n' "$1" "$SECONDS" "${failed[*]}" "$logs"
    return 1
  fi
  printf '%s passed in %d s\n' "$1" "$SECONDS"
}
