# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An app on Heroku: what is wanted of it, what is there, and the requests that make the one of the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# a config var of ours that names the others that are ours
NOTE = "SLIPWAY_CONFIG"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """`addons` are `service:plan`, one for each service."""

    name: str
    region: str
    team: str
    stack: str
    addons: tuple[str, ...]
    config: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Addon:
    name: str
    plan: str
    """With its service: `heroku-postgresql:essential-0`."""
    state: str
    owns: tuple[str, ...] = ()
    """Config vars that nobody else may set."""

    @property
    def service(self) -> str:
        return self.plan.partition(":")[0]


@dataclass(frozen=True)
class Found:
    """An app that is there. `stack` is what its next build gets."""

    region: str
    team: str
    stack: str
    addons: tuple[Addon, ...]
    config: Mapping[str, str] = field(repr=False)

    @property
    def ours(self) -> set[str]:
        return set(self.config.get(NOTE, "").split())

    @property
    def owned(self) -> set[str]:
        return {name for addon in self.addons for name in addon.owns}

    def of(self, service: str) -> list[Addon]:
        return [addon for addon in self.addons if addon.service == service]


@dataclass(frozen=True)
class Step:
    """One request that changes something."""

    text: str
    method: str
    path: str
    body: Row | None = field(default=None, repr=False)


def read(app: Row, addons: list[Row], config: Mapping[str, str]) -> Found:
    """From three answers of the platform."""
    rows = tuple(
        Addon(row["name"], row["plan"]["name"], row["state"], tuple(row.get("config_vars") or ())) for row in addons
    )
    team = (app.get("team") or {}).get("name", "")
    stack = (app.get("build_stack") or app["stack"])["name"]
    return Found(app["region"]["name"], team, stack, rows, config)


def blank(wanted: Wanted) -> Found:
    """An app that has just been created."""
    return Found(wanted.region, wanted.team, wanted.stack, (), {})


def plan(wanted: Wanted, found: Found | None) -> list[Step]:
    steps = list(_creation(wanted, found))
    there = found or blank(wanted)
    if there.stack != wanted.stack:
        text = f"change the stack from {there.stack} to {wanted.stack}, with the next build"
        steps.append(Step(text, "PATCH", f"/apps/{wanted.name}", {"build_stack": wanted.stack}))
    for entry in wanted.addons:
        steps += _addon(wanted, there, entry)
    patch = changes(wanted, there)
    if patch:
        steps.append(Step(_told(patch, there), "PATCH", f"/apps/{wanted.name}/config-vars", patch))
    return steps


def changes(wanted: Wanted, found: Found) -> dict[str, str | None]:
    """The config vars that differ; None takes one away that was ours. What others have set stays."""
    ours = {**wanted.config, NOTE: " ".join(sorted(wanted.config))} if wanted.config else {}
    gone = (found.ours | {NOTE}) - set(ours) - found.owned
    different = {name: value for name, value in ours.items() if found.config.get(name) != value}
    return {**different, **{name: None for name in sorted(gone) if name in found.config}}


def removal(name: str, found: Found | None) -> list[Step]:
    lost = "".join(f", {addon.plan}" for addon in found.addons) if found else ""
    return [Step(f"delete the app {name}{lost and ' with' + lost[1:]}", "DELETE", f"/apps/{name}")] if found else []


def _creation(wanted: Wanted, found: Found | None) -> Iterator[Step]:
    if found is None:
        body = {"name": wanted.name, "stack": wanted.stack, "region": wanted.region, "team": wanted.team}
        where = "".join(f", {kind} {body[kind]}" for kind in ("region", "team") if body[kind])
        path = "/teams/apps" if wanted.team else "/apps"
        text = f"create the app {wanted.name} (stack {wanted.stack}{where})"
        yield Step(text, "POST", path, {name: value for name, value in body.items() if value})


def _addon(wanted: Wanted, found: Found, entry: str) -> Iterator[Step]:
    there = found.of(entry.partition(":")[0])
    if not there:
        yield Step(f"add {entry}", "POST", f"/apps/{wanted.name}/addons", {"plan": entry})
    elif all(addon.plan != entry for addon in there):
        (addon,) = there
        path = f"/apps/{wanted.name}/addons/{addon.name}"
        yield Step(f"change {addon.name} from {addon.plan} to {entry}", "PATCH", path, {"plan": entry})


def _told(patch: Mapping[str, str | None], found: Found) -> str:
    new = [name for name, value in patch.items() if value is not None and name not in found.config]
    other = [name for name, value in patch.items() if value is not None and name in found.config]
    gone = [name for name, value in patch.items() if value is None]
    parts = (("set", new), ("change", other), ("remove", gone))
    return "config vars: " + "; ".join(f"{verb} {', '.join(names)}" for verb, names in parts if names)
