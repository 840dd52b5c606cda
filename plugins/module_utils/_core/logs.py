# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a line of a log was written, and the lines of many logs as one.

Every program writes the time in its own way, most of them without a zone. A line that has no time of its own, such as
one of a traceback, belongs to the line before it. Lines of one source never change places.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_CLOCK = r"(?P<clock>\d\d:\d\d:\d\d)"
_MONTH = rf"(?P<month>{'|'.join(MONTHS)})"
_UWSGI = rf"\w{{3}} {_MONTH} (?P<day>[ \d]\d) {_CLOCK} (?P<year>\d{{4}})"
FORMS = tuple(
    re.compile(form)
    for form in (
        # Python's logging, supervisord, nginx's error log; perhaps in brackets, perhaps behind the level
        r"\[?(?:[A-Z]+\W{1,3})?(?P<year>\d{4})[-/](?P<number>\d\d)[-/](?P<day>\d\d)[ T]"
        rf"{_CLOCK}(?:[.,](?P<fraction>\d{{1,6}})\d*)?(?P<zone>Z| ?[+-]\d\d:?\d\d)?",
        # nginx's access log
        rf"\S+ - [^\[]*\[(?P<day>\d\d)/{_MONTH}/(?P<year>\d{{4}}):{_CLOCK} (?P<zone>[+-]\d{{4}})\]",
        # uWSGI, about itself and about a request
        rf"{_UWSGI} - ",
        rf"\[pid: [^\[]*\[{_UWSGI}\]",
    )
)
Local = Callable[[datetime], datetime]


@dataclass(frozen=True)
class Line:
    """`at` is in seconds since 1970."""

    at: float
    source: str
    text: str
    host: str = ""


def time_of(text: str, local: Local) -> float | None:
    """When a line says that it was written; `local` puts the host's zone to a time without one."""
    found = next((match for form in FORMS if (match := form.match(text))), None)
    if not found:
        return None
    part = {"number": None, "month": None, "fraction": None, "zone": None, **found.groupdict()}
    number = part["number"] or f"{MONTHS.index(part['month'] or 'Jan') + 1:02}"
    zone = (part["zone"] or "").strip().replace("Z", "+00:00")
    day = (part["day"] or "").replace(" ", "0")
    fraction = (part["fraction"] or "0").ljust(6, "0")
    try:
        when = datetime.fromisoformat(f"{part['year']}-{number}-{day}T{part['clock']}.{fraction}{zone}")
        return (when if when.tzinfo else local(when)).timestamp()
    except (ValueError, OverflowError):
        return None


def stamped(source: str, texts: Sequence[str], local: Local, latest: float) -> list[Line]:
    """The lines of one source, none older than the one before it. What claims to be later than `latest`, when the last
    of them was written, speaks of the future and not of itself."""
    said = [time_of(text, local) for text in texts]
    times = [at if at is not None and at <= latest else None for at in said]
    before = next((at for at in times if at is not None), latest)
    lines = []
    for at, text in zip(times, texts, strict=True):
        before = max(before, at or before)
        lines.append(Line(before, source, text))
    return lines


def wanted(lines: Iterable[Line], since: float = 0.0, grep: str = "") -> list[Line]:
    """The lines from `since` on that have a match of the regular expression."""
    found = re.compile(grep).search
    return [line for line in lines if line.at >= since and found(line.text)]


def merged(sources: Sequence[Sequence[Line]], most: int) -> tuple[list[Line], bool]:
    """The last lines of all sources in the order of their times, and whether older ones were left out.

    Sorting is stable, and so lines of one source stay in their order."""
    lines = sorted(chain(*sources), key=lambda line: line.at)
    return lines[max(0, len(lines) - most) :], len(lines) > most


def of_host(host: str, rows: Iterable[Sequence[Any]]) -> list[Line]:
    """The lines as the module returns them: time, source and text of each."""
    return [Line(at, source, text, host) for at, source, text in rows]


def shown(lines: Sequence[Line], hosts: Iterable[str], sources: Iterable[str]) -> str:
    """Each line with its host and its source before it, in columns wide enough for all that may come."""
    left, right = max(map(len, hosts), default=0), max(map(len, sources), default=0)
    return "\n".join(f"{line.host.ljust(left)}  {line.source.ljust(right)}  {line.text}" for line in lines)
