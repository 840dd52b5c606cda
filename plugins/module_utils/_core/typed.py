# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody typed behind `-e`: a command with spaces, a length of time."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def command(extra_vars: Iterable[str], value: str) -> str:
    """The command of `-e command="..."`, whole.

    The shell takes those quotes away, and Ansible then splits the text at its spaces and at every `=`. So it is read
    as it was typed; `value` is what Ansible made of it, which is right when the quotes came through.
    """
    for text in extra_vars:
        name, _, rest = text.partition("=")
        if name == "command" and not re.fullmatch(r"""\s*("[^"]*"|'[^']*')\s*""", rest):
            return rest.strip()
    return value.strip()


def seconds(name: str, value: object) -> int:
    """`90s`, `10m`, `2h` or `1d` in seconds; a bare number is seconds."""
    found = re.fullmatch(r"([0-9]{1,6})([smhd]?)", str(value).strip())
    if not found:
        raise SlipwayError(f"{name} is {value}: write how long, such as 90s, 10m, 2h or 1d.")
    return int(found[1]) * UNITS[found[2] or "s"]
