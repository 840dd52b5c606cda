# SPDX-License-Identifier: GPL-3.0-or-later
"""What an app and the platform say of it, in Logplex's form: `TIME SOURCE[DYNO]: TEXT`."""

from __future__ import annotations

import collections
import datetime
import re

KEPT = 1500  # lines, as Logplex keeps


class Log:
    def __init__(self) -> None:
        self._lines: collections.deque[tuple[str, str, str]] = collections.deque(maxlen=KEPT)

    def add(self, source: str, dyno: str, text: str) -> None:
        at = datetime.datetime.now(datetime.timezone.utc).isoformat()  # noqa: UP017
        self._lines.append((source, dyno, f"{at} {source}[{dyno}]: {text}"))

    def tail(self, lines: int, source: str = "", dyno: str = "") -> str:
        """`dyno` is a dyno, `web.1`, or all of a process type, `web`."""
        found = [
            text
            for one, where, text in list(self._lines)
            if (not source or one == source) and (not dyno or re.fullmatch(rf"{re.escape(dyno)}([.]\d+)?", where))
        ]
        return "".join(f"{line}\n" for line in found[-lines:])
