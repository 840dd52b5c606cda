# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make an app on Heroku what is wanted: read, judge, and only then change."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import heroku_app, heroku_picture, heroku_rules
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_app import Found, Step, Wanted
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_rules import Catalogue
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import listing
from ansible_collections.slipway.flask.plugins.module_utils._host.heroku_api import Api, Refused, pauses

PROVISION_SECONDS = 900.0


@dataclass(frozen=True)
class Outcome:
    steps: Sequence[Step]
    app: Mapping[str, Any]
    before: str
    after: str
    strangers: Sequence[str] = field(default_factory=list)


def place(api: Api, wanted: Wanted, check: bool) -> Outcome:
    """The app with its add-ons and config vars."""
    closed = list(heroku_rules.judge_access("api_url", api.url, api.key))
    wrong = [
        *closed,
        *heroku_rules.judge_name(wanted.name),
        *heroku_rules.judge_wishes(wanted.addons, wanted.config),
    ]
    said = Access(None, (), refused=True) if closed else access(api, wanted.name)
    wrong += said.wrong
    if not said.refused:
        wrong += _judge_team(api, wanted.team)
        wrong += heroku_rules.judge_platform(wanted, _catalogue(api, wanted))
    found = _read(api, said.app) if said.app else None
    if found:
        wrong += heroku_rules.judge_found(wanted, found)
    if wrong:
        raise SlipwayError(listing(wrong))
    steps = heroku_app.plan(wanted, found)
    app = said.app or {}
    if not check:
        _apply(api, steps, wanted)
        app = api.get(f"/apps/{wanted.name}")
    after = heroku_picture.after(wanted, found)
    changed = heroku_app.changes(wanted, found) if found else {}
    before, now = heroku_picture.picture(found), heroku_picture.picture(after, changed)
    return Outcome(steps, app, before, now, heroku_picture.strangers(wanted, found))


def remove(api: Api, name: str, delete_data: str, check: bool) -> Outcome:
    """The app goes, and with it what its add-ons have stored."""
    wrong = [*heroku_rules.judge_access("api_url", api.url, api.key), *heroku_rules.judge_name(name)]
    said = Access(None, ()) if wrong else access(api, name)
    found = _read(api, said.app) if said.app else None
    steps = heroku_app.removal(name, found)
    wrong += said.wrong
    if steps and delete_data != name:
        lost = ", ".join(addon.plan for addon in found.addons) if found else ""
        wrong.append(
            f"The app {name} would be deleted with all that it has stored ({lost or 'no add-ons'}), and delete_data is"
            f" {delete_data!r}. If you mean it, write delete_data: {name}"
        )
    if wrong:
        raise SlipwayError(listing(wrong))
    if not check:
        _apply(api, steps, None)
    return Outcome(steps, {}, heroku_picture.picture(found), "")


@dataclass(frozen=True)
class Access:
    """The app as the platform shows it, or what keeps us from it; None without a problem: there is none."""

    app: Mapping[str, Any] | None
    wrong: Sequence[str]
    refused: bool = False


def access(api: Api, name: str) -> Access:
    """Who we are, and whether the app is ours."""
    try:
        email = api.get("/account")["email"]
    except Refused as error:
        if error.status != 401:
            raise
        text = f"{api.url} refuses api_key ({error}). Make one with `heroku authorizations:create`."
        return Access(None, [text], refused=True)
    try:
        return Access(api.found(f"/apps/{name}"), ())
    except Refused as error:
        if error.status != 403:
            raise
        text = f"app is {name!r}, which belongs to somebody else than {email} ({error}). Take another name."
        return Access(None, [text])


def _read(api: Api, app: Mapping[str, Any]) -> Found:
    path = f"/apps/{app['name']}"
    return heroku_app.read(app, api.get(f"{path}/addons"), api.get(f"{path}/config-vars"))


def _judge_team(api: Api, team: str) -> Iterator[str]:
    try:
        missing = bool(team) and api.found(f"/teams/{team}") is None
        said = "there is no such team"
    except Refused as error:
        if error.status != 403:
            raise
        missing, said = True, str(error)
    if missing:
        yield f"team is {team!r}: {said}. Type: heroku teams"


def _catalogue(api: Api, wanted: Wanted) -> Catalogue:
    regions = _names(api.get("/regions")) if wanted.region else []
    plans: dict[str, list[str] | None] = {}
    for service in {entry.partition(":")[0] for entry in wanted.addons if heroku_rules.ADDON.fullmatch(entry)}:
        rows = api.found(f"/addon-services/{service}/plans")
        plans[service] = None if rows is None else _names(rows)
    services = _names(api.get("/addon-services")) if None in plans.values() else []
    return Catalogue(regions, _names(api.get("/stacks")), services, plans)


def _names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted(str(row["name"]) for row in rows)


def _apply(api: Api, steps: Sequence[Step], wanted: Wanted | None) -> None:
    """An add-on has to be there before config vars are set: names that it brings are its own."""
    done: list[str] = []
    for step in steps:
        try:
            if wanted and step.path.endswith("/config-vars"):
                _provisioned(api, wanted)
            api.send(step.method, step.path, step.body)
        except SlipwayError as error:
            before = f"Done before that: {'; '.join(done)}." if done else "Nothing was changed."
            raise SlipwayError(f"Could not {step.text}: {error} {before}") from error
        done.append(step.text)
    if wanted:
        _provisioned(api, wanted)


def _provisioned(api: Api, wanted: Wanted) -> None:
    """Wait until every add-on that is wanted has been made."""
    deadline = time.monotonic() + PROVISION_SECONDS
    for pause in pauses():
        rows = api.get(f"/apps/{wanted.name}/addons") if wanted.addons else []
        waiting = [row for row in rows if row["plan"]["name"] in wanted.addons and row["state"] != "provisioned"]
        if not waiting:
            return
        said = ", ".join(f"{row['name']} is {row['state']}" for row in waiting)
        if any(row["state"] == "deprovisioned" for row in waiting) or time.monotonic() > deadline:
            raise SlipwayError(
                f"Waited {PROVISION_SECONDS:.0f} s at most for the add-ons of {wanted.name}: {said}."
                f" {waiting[0].get('provision_message') or ''} Type: heroku addons --app {wanted.name}"
            )
        time.sleep(pause)
