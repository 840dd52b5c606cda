# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an app leaves behind when its host moves to another stack: front servers that served it and do so no longer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.fronts import FRONTS, REFUSER

Site = Mapping[str, Any]


@dataclass(frozen=True)
class Departure:
    """A front server to take the app out of: the files that go, and who stays. With nobody left it is stopped."""

    front: str
    absent: Sequence[str]
    stays: Sequence[str]


def departures(name: str, front: str, facts: Mapping[str, Any]) -> list[Departure]:
    """Of every front server but `front` that still has a site of the app `name`."""
    found = facts.get("front") or {}
    return [one for other in FRONTS if other != front for one in _departure(name, other, found.get(other) or {})]


def _departure(name: str, front: str, found: Mapping[str, Sequence[Site]]) -> Iterator[Departure]:
    sites = found.get("sites", ())
    others = [site for site in sites if site["app"] not in (name, REFUSER) and not site["pristine"]]
    # names that no site has are refused for the sake of ours
    goes = {name} if any(site["ours"] for site in others) else {name, REFUSER}
    absent = [path for site in sites if site["app"] in goes for path in (site["path"], site["file"])]
    absent.append(FRONTS[front].guests.format(name=name))
    if any(site["app"] == name for site in sites):
        stays = dict.fromkeys(site["app"] or site["file"] for site in others)
        yield Departure(front, list(dict.fromkeys(absent)), list(stays))
