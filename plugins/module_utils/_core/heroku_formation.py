# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many dynos of which size run each process type of an app on Heroku."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.nearness import nearest
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import seen

WEB = "web"
# a process of the Procfile that runs before each release and never in the formation
PHASE = "release"


@dataclass(frozen=True)
class Kind:
    """Dynos of one process type."""

    quantity: int
    size: str


def read(rows: Sequence[Mapping[str, Any]]) -> dict[str, Kind]:
    return {row["type"]: Kind(row["quantity"], row["size"]) for row in rows}


def types(procfile: str) -> set[str]:
    """Process types that a Procfile declares, those that dynos can run."""
    return set(re.findall(r"^([A-Za-z0-9_-]+):[ \t]*\S", procfile, re.MULTILINE)) - {PHASE}


def changes(wanted: Mapping[str, Mapping[str, Any]], found: Mapping[str, Kind]) -> tuple[list[Mapping[str, Any]], str]:
    """What differs of each process type, and in words. What is not said of one stays as it is."""
    updates: list[Mapping[str, Any]] = []
    texts = []
    for name, wish in sorted(wanted.items()):
        there = found.get(name) or Kind(1 if name == WEB and not found else 0, "")
        quantity, size = wish.get("quantity"), wish.get("size") or ""
        other = {"quantity": quantity} if quantity is not None and quantity != there.quantity else {}
        other |= {"size": size} if size and size.lower() != there.size.lower() else {}
        if other:
            updates.append({"type": name, **other})
            texts.append(f"{name} " + ", ".join(str(value) for value in other.values()))
    return updates, "; ".join(texts)


def judge_types(wanted: Mapping[str, Any], there: set[str], where: str) -> Iterator[str]:
    for name in sorted(set(wanted) - there):
        meant = nearest(name, there)
        yield (
            f"formation has {name}, and {where} declares {', '.join(sorted(there)) or 'nothing'}."
            + (f" Did you mean {meant}?" if meant else " Declare it there, or remove it here.")
        )


def judge_sizes(wanted: Mapping[str, Mapping[str, Any]], sizes: Sequence[str]) -> Iterator[str]:
    known = {size.lower() for size in sizes}
    for name, wish in sorted(wanted.items()):
        if wish.get("size") and wish["size"].lower() not in known:
            yield f"{seen(f'formation.{name}.size', wish['size'])}: Heroku has {', '.join(sorted(known))}."
