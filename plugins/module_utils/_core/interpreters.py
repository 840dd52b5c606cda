# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which interpreter stands in for the hosts' Python in the gate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Interpreter:
    """A Python that really ran when it was asked: its executable, version and installation."""

    path: str
    version: str
    prefix: str

    @property
    def minor(self) -> str:
        return ".".join(self.version.split(".")[:2])


def by_nearness(wanted: str, minors: Iterable[str]) -> list[str]:
    """Minor versions in the order in which they may stand in for the wanted one; of two equally near, the newer."""
    target = number(wanted)
    return sorted(set(minors), key=lambda minor: (abs(number(minor) - target), -number(minor)))


def number(minor: str) -> int:
    """3.11 -> 311: minor versions as numbers that can be compared and subtracted."""
    major, _dot, rest = minor.partition(".")
    return int(major) * 100 + int(rest)
