# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a commit live on Heroku, or go back to a release; what does not become well is taken back."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import (
    heroku_formation,
    heroku_health,
    heroku_release,
    heroku_rules,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_release import SHOWN, Found, Release, Step
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import listing
from ansible_collections.slipway.flask.plugins.module_utils._host.heroku_api import Api
from ansible_collections.slipway.flask.plugins.module_utils._host.heroku_app import access
from ansible_collections.slipway.flask.plugins.module_utils._host.heroku_git import Remote
from ansible_collections.slipway.flask.plugins.module_utils._host.heroku_watch import ANSWERS, Unwell, Watch


@dataclass(frozen=True)
class Wish:
    """The options of the module."""

    app: str
    tree: Path
    commit: str
    git_url: str
    formation: Mapping[str, Mapping[str, Any]]
    health_path: str
    wait_seconds: int
    rollback: str


@dataclass(frozen=True)
class Outcome:
    steps: Sequence[Step]
    before: Mapping[str, Any]
    release: Mapping[str, Any]
    web_url: str
    seconds: float
    warnings: Sequence[str] = field(default_factory=list)


def converge(api: Api, wish: Wish, check: bool) -> Outcome:
    started = time.monotonic()
    remote = Remote(wish.tree, wish.git_url, api.key)
    app = _judged(api, remote, wish, check)
    if not app:
        before = _shown(heroku_release.NONE, heroku_release.NONE.current)
        return Outcome(_plan(remote, wish, heroku_release.NONE), before, before, "", 0.0)
    watch = Watch(api, wish.app, wish.wait_seconds)
    watch.settled()  # whoever changed config vars just before has made a release, which may be under way
    found = _found(watch, wish, "" if wish.rollback else remote.head())
    steps = _plan(remote, wish, found)
    asked = app["web_url"] and not app["maintenance"]
    site = app["web_url"].rstrip("/") + wish.health_path if asked else ""
    warnings = [] if asked else [f"{wish.app} is in maintenance mode or has no address, so its site is not asked."]
    now = found if check else _Run(watch, remote, wish, found, site).go(steps)
    told = _shown(found, found.current), _shown(now, now.current)
    return Outcome(steps, *told, app["web_url"] or "", round(time.monotonic() - started, 1), warnings)


@dataclass(frozen=True)
class _Run:
    watch: Watch
    remote: Remote
    wish: Wish
    found: Found
    site: str

    def go(self, steps: Sequence[Step]) -> Found:
        """Do it and look whether all is well; the app as it is then."""
        for step in steps:
            if step.act != "scale":
                self._release(step)
        current = next(one for one in self.watch.releases() if one.current)
        try:
            if not self.wish.rollback:
                self._scaled(current)
            self.watch.well(current, self.site, self.watch.formation(), ANSWERS if steps else 1)
        except Unwell as error:
            raise SlipwayError(self._taken_back(current, str(error), bool(steps))) from error
        return _found(self.watch, self.wish, self.found.head)

    def _release(self, step: Step) -> None:
        newest = self.watch.releases()[0].version
        if step.act == "push":
            self.remote.push(step.value, self.found.head, self.watch.seconds)
        else:
            key = "slug" if step.act == "promote" else "release"
            self.watch.api.send("POST", f"{self.watch.path}/releases", {key: step.value})
        made = self.watch.settled(newest)
        if made.status != "succeeded":
            raise SlipwayError(
                f"{made.name} ({made.description}) of {self.wish.app} {made.status}, and is not live;"
                f" {self._before()} goes on. Its release phase said:{self.watch.phase(made)}"
            )

    def _scaled(self, current: Release) -> None:
        try:
            self._scale(heroku_release.scale(self.wish.formation, self.watch.formation()))
        except SlipwayError as error:
            raise SlipwayError(
                f"{current.name} of {self.wish.app} is live, and its formation is not as wanted: {error}"
            ) from error

    def _scale(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self.watch.api.send("PATCH", f"{self.watch.path}/formation", {"updates": list(step.updates)})

    def _taken_back(self, bad: Release, why: str, changed: bool) -> str:
        """Go back to what was live before this run, and tell of both."""
        said = f"{bad.name} ({bad.description}) of {self.wish.app} is not well: {why}"
        said += f"\nThe end of its log:{self.watch.log()}"
        before = self.found.current
        if not changed:
            return f"{said}\nThis run changed nothing. To go back, give heroku_release rollback=previous."
        if not before.slug:
            return (
                f"{said}\nIt is the first release with code, so there is none to go back to. Mend it and deploy again."
            )
        if bad.version != before.version:
            body = {"release": before.id}
            newest = self.watch.releases()[0].version
            self.watch.api.send("POST", f"{self.watch.path}/releases", body)
            made = self.watch.settled(newest)
            if made.status != "succeeded":
                return f"{said}\nGoing back to {before.name} failed, so {bad.name} stays:{self.watch.phase(made)}"
        else:
            made = bad
        return f"{said}\n{self._again(made)}"

    def _again(self, made: Release) -> str:
        """The formation as it was, and whether what was live is well again."""
        rows = {name: {"quantity": kind.quantity, "size": kind.size} for name, kind in self.found.formation.items()}
        there = self.watch.formation()
        self._scale(heroku_release.scale({name: rows[name] for name in rows if name in there}, there))
        try:
            self.watch.well(made, self.site, self.watch.formation())
        except Unwell as error:
            return f"Went back to {self._before()}, and that is not well either: {error}"
        return f"Went back: {self._before()} serves again, as {made.name}."

    def _before(self) -> str:
        before = self.found.current
        commit = self.found.commit(before)[:SHOWN]
        return f"{before.name} ({commit})" if commit else "nothing"


def _judged(api: Api, remote: Remote, wish: Wish, check: bool) -> Mapping[str, Any] | None:
    """The app as the platform shows it, once nothing speaks against the wish; None: in check mode nobody made it."""
    closed = list(heroku_rules.judge_access("api_url", api.url, api.key))
    wrong = [*closed, *heroku_rules.judge_name(wish.app), *heroku_health.judge(vars(wish))]
    if not wish.rollback:
        wrong += heroku_rules.judge_access("git_url", wish.git_url, "given")
        wrong += ready(remote, wish)
    app = None
    if not closed:
        said = access(api, wish.app)
        app, wrong = said.app, [*wrong, *said.wrong]
        if not app and not said.wrong and (wish.rollback or not check):
            wrong.append(f"app is {wish.app!r}, and Heroku has no such app. Make it with slipway.flask.heroku_app.")
        if any(kind.get("size") for kind in wish.formation.values()) and not said.refused:
            sizes = [row["name"] for row in api.get("/dyno-sizes")]
            wrong += heroku_formation.judge_sizes(wish.formation, sizes)
    if wrong:
        raise SlipwayError(listing(wrong))
    return app


def ready(remote: Remote, wish: Wish) -> Iterator[str]:
    """Whether what would be pushed may be pushed: the one place where that is decided."""
    if not wish.tree.is_dir() or not remote.has(wish.commit):
        yield f"tree is {str(wish.tree)!r}, in which there is no commit {wish.commit or '(commit is empty)'}."
        return
    types = remote.types(wish.commit)
    if types is None:
        yield f"The commit {wish.commit[:SHOWN]} has no Procfile, so Heroku would not know what to run."
    else:
        yield from heroku_formation.judge_types(wish.formation, types, f"the Procfile of {wish.commit[:SHOWN]}")


def _found(watch: Watch, wish: Wish, head: str) -> Found:
    """Of slugs that are not live, the commit is asked only where it is needed: to find the one that is wanted."""
    releases = watch.releases()
    some = [one for one in releases if one.slug and (one.current or wish.rollback or head == wish.commit)]
    shown = {slug: watch.api.found(f"{watch.path}/slugs/{slug}") for slug in sorted({one.slug for one in some})}
    commits = {slug: (row or {}).get("commit") or "" for slug, row in shown.items()}
    return Found(releases, commits, watch.formation(), head)


def _plan(remote: Remote, wish: Wish, found: Found) -> list[Step]:
    if wish.rollback:
        return heroku_release.back(wish.rollback, found)
    forced = not remote.follows(wish.commit, found.head)
    return [
        *heroku_release.deploy(wish.commit, found, forced),
        *heroku_release.scale(wish.formation, found.formation),
    ]


def _shown(found: Found, release: Release) -> dict[str, Any]:
    about = {name: getattr(release, name) for name in ("version", "description", "status")}
    return {**about, "commit": found.commit(release)}
