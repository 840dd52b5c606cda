# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which release of an app on Heroku is to be live, and what has to be done for that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import heroku_formation
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_formation import Kind

BRANCH = "refs/heads/main"
SHOWN = 8  # letters of a commit


@dataclass(frozen=True)
class Release:
    """`slug` is empty before the first build; at `output` its release phase is heard."""

    id: str
    version: int
    status: str
    current: bool
    slug: str
    description: str
    output: str = ""

    @property
    def name(self) -> str:
        return f"v{self.version}"


@dataclass(frozen=True)
class Found:
    """`releases` with the newest first; `commits` of their slugs; `head` of the repository at Heroku."""

    releases: Sequence[Release]
    commits: Mapping[str, str]
    formation: Mapping[str, Kind]
    head: str = ""

    @property
    def current(self) -> Release:
        return next((one for one in self.releases if one.current), self.releases[0])

    @property
    def live(self) -> str:
        return self.commits.get(self.current.slug, "")

    def commit(self, release: Release) -> str:
        return self.commits.get(release.slug, "")


# an app that is not there yet
NONE = Found([Release("", 0, "succeeded", True, "", "No release yet")], {}, {})


@dataclass(frozen=True)
class Step:
    """`act`: push a commit; promote a slug that is there; go back to a release; scale process types."""

    act: str
    text: str
    value: str = ""
    updates: Sequence[Mapping[str, Any]] = field(default_factory=list)


def read_release(row: Mapping[str, Any]) -> Release:
    slug = (row.get("slug") or {}).get("id", "")
    current, output = bool(row.get("current")), row.get("output_stream_url") or ""
    return Release(row["id"], row["version"], row["status"], current, slug, row["description"], output)


def deploy(commit: str, found: Found, forced: bool) -> list[Step]:
    """Make a commit live. `forced`: what is in the repository at Heroku is no ancestor of it."""
    short, newest = commit[:SHOWN], found.releases[0]
    if found.live == commit and newest.status != "failed":
        return []
    if found.live == commit:
        text = f"release {short} again, for {newest.name} ({newest.description}) failed"
        return [Step("promote", text, found.current.slug)]
    if found.head == commit:
        slugs = [one.slug for one in found.releases if found.commit(one) == commit]
        if not slugs:
            raise SlipwayError(
                f"main at Heroku is {short} already, and none of the last {len(found.releases)} releases is made of it,"
                " so a push would build nothing. Change any file and commit it."
            )
        return [Step("promote", f"release {short}, which Heroku has built already", slugs[0])]
    instead = f", in place of {found.head[:SHOWN]}, which is no ancestor of it" if forced else ""
    return [Step("push", f"push {short} to main{instead}, and release it", commit)]


def back(wish: str, found: Found) -> list[Step]:
    """Go back to the release `vN`, or to the last good one that ran another slug."""
    able = [one for one in found.releases if one.status == "succeeded" and one.slug]
    if wish == "previous":
        before = [one for one in able if one.version < found.current.version and one.slug != found.current.slug]
        target = next(iter(before), None)
    else:
        target = next((one for one in able if one.name == wish), None)
    if target is None:
        rows = "".join(f"\n  {line}" for line in listed(found))
        what = "no release before the live one ran other code" if wish == "previous" else f"there is no good {wish}"
        raise SlipwayError(f"rollback is {wish!r}, and {what}. The releases that there are:{rows}")
    if target.slug == found.current.slug:
        return []
    return [Step("back", f"go back to {target.name} ({target.description})", target.id)]


def scale(wanted: Mapping[str, Mapping[str, Any]], found: Mapping[str, Kind]) -> list[Step]:
    """The process types that differ, in one request."""
    updates, text = heroku_formation.changes(wanted, found)
    return [Step("scale", f"formation: {text}", updates=updates)] if updates else []


def listed(found: Found) -> Iterator[str]:
    """A line for each release that somebody could go back to."""
    for one in found.releases:
        if one.slug:
            mark = ", live" if one.current else ""
            yield f"{one.name} {found.commit(one)[:SHOWN]} {one.description} ({one.status}{mark})"
