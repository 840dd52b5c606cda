# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What hosts of one's own and each platform get from one description, as a table, and what one of them lacks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.slipway.flask.plugins.module_utils._core.app import App
from ansible_collections.slipway.flask.plugins.module_utils._core.celery import Celery
from ansible_collections.slipway.flask.plugins.module_utils._core.platform import TARGETS, Platforms

OWN = "hosts"
NOTHING = "-"
WIDEST = 40


@dataclass(frozen=True)
class View:
    """Everything that an inventory says of an app, wherever it runs."""

    app: App
    celery: Celery | None  # None: no worker on platforms
    platforms: Platforms
    groups: Mapping[str, Sequence[str]]
    python: str
    handlers: str  # of Tornado


@dataclass(frozen=True)
class Row:
    """One thing, as each target gets it. `lacks`: target -> what to do about it there; `name`: what accepts it."""

    what: str
    cells: Mapping[str, str]
    lacks: Mapping[str, str] = field(default_factory=dict)
    name: str = ""


def problems(rows: Sequence[Row], targets: Collection[str], accepts: Collection[str]) -> list[str]:
    """What is wrong for these targets, and not accepted."""
    found = []
    for row in _standing(rows, accepts):
        accept = f" Or accept that: platform_accepts: [{row.name}]." if row.name else ""
        lacking = [target for target in TARGETS if target in targets and target in row.lacks]
        found += [f"{row.what}, {target}: {row.lacks[target]}{accept}" for target in lacking]
    return found


def table(rows: Sequence[Row], accepts: Collection[str]) -> str:
    """For a person: a line for each thing, and a mark where a target lacks it."""
    standing = _standing(rows, accepts)
    lines = [["", OWN, *TARGETS]]
    for row in rows:
        cells = [row.cells.get(name) or NOTHING for name in (OWN, *TARGETS)]
        bad = row.lacks if row in standing else {}
        marked = [f"! {cell}" if name in bad else cell for name, cell in zip((OWN, *TARGETS), cells, strict=True)]
        lines.append([row.what, *(cell if len(cell) <= WIDEST else f"{cell[: WIDEST - 4]} ..." for cell in marked)])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    rendered = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(line.rstrip() for line in rendered)


def _standing(rows: Sequence[Row], accepts: Collection[str]) -> list[Row]:
    """Rows that nobody has accepted as they are."""
    return [row for row in rows if not (row.name and row.name in accepts)]
