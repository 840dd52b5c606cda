# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Releases on Heroku: which one is wanted, against a platform that does what it is told."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core import heroku_release
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_release import Found, Release, Step

COMMITS = {f"slug-{letter}": letter * 40 for letter in "abc"}
SLUGS = st.sampled_from(["", *COMMITS])
STATUS = st.sampled_from(["succeeded", "failed"])


@st.composite
def histories(draw: st.DrawFn) -> Found:
    """Releases as Heroku makes them: the first has no code, the newest good one is current."""
    rows = [("succeeded", ""), *draw(st.lists(st.tuples(STATUS, SLUGS), max_size=6))]
    good = max(number for number, (status, _slug) in enumerate(rows) if status == "succeeded")
    releases = [
        Release(f"id-{number}", number + 1, status, number == good, slug, f"change {number}")
        for number, (status, slug) in enumerate(rows)
    ]
    head = next((COMMITS[one.slug] for one in reversed(releases) if one.slug), "")
    return Found(releases[::-1], COMMITS, {}, head)


def apply(steps: list[Step], found: Found, commit: str) -> Found:
    """What the platform makes of it when all goes well."""
    for step in steps:
        newest = found.releases[0].version + 1
        if step.act == "push":
            slug = next(name for name, one in COMMITS.items() if one == commit)
        else:
            by_id = {one.id: one.slug for one in found.releases}
            slug = by_id.get(step.value, step.value)
        old = [dataclasses.replace(one, current=False) for one in found.releases]
        made = Release(f"id-{newest}", newest, "succeeded", True, slug, "made")
        head = commit if step.act == "push" else found.head
        found = dataclasses.replace(found, releases=[made, *old], head=head)
    return found


@given(histories(), st.sampled_from(list(COMMITS.values())), st.booleans())
def test_after_a_deploy_the_commit_is_live_and_nothing_is_left(found: Found, commit: str, forced: bool) -> None:
    there = apply(heroku_release.deploy(commit, found, forced), found, commit)
    assert there.live == commit
    assert heroku_release.deploy(commit, there, forced) == []


@given(histories())
def test_after_going_back_to_one_nothing_is_left(found: Found) -> None:
    for one in found.releases:
        if one.status == "succeeded" and one.slug:
            there = apply(heroku_release.back(one.name, found), found, "")
            assert there.current.slug == one.slug
            assert heroku_release.back(one.name, there) == []


@given(histories())
def test_previous_is_the_last_good_one_with_other_code(found: Found) -> None:
    others = [
        one
        for one in found.releases
        if one.version < found.current.version
        and one.status == "succeeded"
        and one.slug not in ("", found.current.slug)
    ]
    if others:
        (step,) = heroku_release.back("previous", found)
        assert step.value == max(others, key=lambda one: one.version).id
    else:
        with pytest.raises(SlipwayError, match="no release before the live one ran other code"):
            heroku_release.back("previous", found)


A, B = COMMITS["slug-a"], COMMITS["slug-b"]
FIRST = Release("id-1", 1, "succeeded", False, "", "Initial release")
LIVE = Release("id-2", 2, "succeeded", True, "slug-a", "Deploy aaaaaaaa")
FAILED = Release("id-3", 3, "failed", False, "slug-b", "Deploy bbbbbbbb")


def found(*releases: Release, head: str = "") -> Found:
    return Found(releases, COMMITS, {}, head)


def test_what_is_live_is_left_alone() -> None:
    assert heroku_release.deploy(A, found(LIVE, FIRST, head=A), forced=False) == []


def test_a_commit_that_is_not_there_is_pushed() -> None:
    (step,) = heroku_release.deploy(B, found(LIVE, FIRST, head=A), forced=False)
    assert (step.act, step.value, step.text) == ("push", B, "push bbbbbbbb to main, and release it")
    (step,) = heroku_release.deploy(B, found(LIVE, FIRST, head=A), forced=True)
    assert "in place of aaaaaaaa, which is no ancestor of it" in step.text


def test_one_that_was_built_is_released_without_a_push() -> None:
    (step,) = heroku_release.deploy(B, found(FAILED, LIVE, FIRST, head=B), forced=False)
    assert (step.act, step.value) == ("promote", "slug-b")


def test_live_code_under_a_release_that_failed_is_released_again() -> None:
    """Its config vars are set and run nowhere."""
    failed = dataclasses.replace(FAILED, slug="slug-a", description="Set KEY config vars")
    (step,) = heroku_release.deploy(A, found(failed, LIVE, head=A), forced=False)
    assert (step.act, step.value) == ("promote", "slug-a")
    assert "v3 (Set KEY config vars) failed" in step.text


def test_a_commit_that_is_there_without_a_slug_cannot_be_released() -> None:
    with pytest.raises(SlipwayError, match="main at Heroku is cccccccc already"):
        heroku_release.deploy("c" * 40, found(LIVE, head="c" * 40), forced=False)


def test_going_back_to_what_is_not_there_lists_what_is() -> None:
    with pytest.raises(SlipwayError) as caught:
        heroku_release.back("v3", found(FAILED, LIVE, FIRST))
    said = str(caught.value)
    assert "there is no good v3" in said
    assert "v2 aaaaaaaa Deploy aaaaaaaa (succeeded, live)" in said and "v3 bbbbbbbb" in said and "v1" not in said


def test_what_the_platform_shows_is_read() -> None:
    row = {"id": "i", "version": 7, "status": "succeeded", "current": True, "description": "d"}
    assert heroku_release.read_release({**row, "slug": None, "output_stream_url": None}) == Release(
        "i", 7, "succeeded", True, "", "d"
    )
    assert heroku_release.read_release({**row, "slug": {"id": "s"}, "output_stream_url": "u"}).output == "u"
