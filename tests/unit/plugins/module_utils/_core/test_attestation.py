# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a test run: what it says, and what a host takes for an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.attestation import (
    UNTESTED,
    Wanted,
    encode,
    judge,
    statement,
)

ARTIFACT, LOCK, PLAN = "a" * 64, "b" * 64, "c" * 64
WANTED = Wanted("blog", ARTIFACT, LOCK)


def made(*, untested: bool = False, app_name: str = "blog") -> dict[str, Any]:
    ours = {"app_name": app_name, "tests": {"total": 3}}
    return statement(artifact=ARTIFACT, lock=LOCK, interpreter="3.11.2", test_plan=PLAN, untested=untested, ours=ours)


def test_what_the_gate_writes_is_what_a_host_takes() -> None:
    assert judge(json.loads(encode(made())), WANTED) == []


def test_the_same_content_has_the_same_bytes() -> None:
    document = made()
    assert encode(dict(reversed(document.items()))) == encode(document)


def test_a_tested_record_says_how_it_was_tested() -> None:
    names = {part["name"]: part for part in made()["predicate"]["configuration"]}
    assert names["lock.txt"]["digest"]["sha256"] == LOCK
    assert names["interpreter"]["annotations"]["version"] == "3.11.2"
    assert names["app_test"]["digest"]["sha256"] == PLAN


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"_type": "https://in-toto.io/Statement/v0.1"}, "not an in-toto statement"),
        ({"predicateType": "https://slsa.dev/provenance/v1"}, "unknown type"),
        ({"predicate": {**made()["predicate"], "result": "FAILED"}}, "'FAILED'"),
        ({"predicate": {"slipway": {"app_name": "blog"}}}, "result is None"),
        ({"predicate": "PASSED"}, "application None"),
        ({"subject": []}, "with no digest"),
        ({"subject": [*made()["subject"], made()["subject"][0]]}, "artifact.tar.gz with no digest"),
        ({"subject": "artifact.tar.gz"}, "with no digest"),
    ],
)
def test_a_changed_record_is_refused(change: dict[str, Any], why: str) -> None:
    assert why in "; ".join(judge({**made(), **change}, WANTED))


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (Wanted("shop", ARTIFACT, LOCK), "for the application 'blog', not 'shop'"),
        (
            Wanted("blog", "d" * 64, LOCK),
            "artifact.tar.gz sha256:aaaaaaaaaaaa..., but what came is sha256:dddddddddddd",
        ),
        (Wanted("blog", ARTIFACT, "d" * 64), "lock.txt"),
    ],
)
def test_a_record_of_something_else_is_refused(wanted: Wanted, why: str) -> None:
    found = judge(made(), wanted)
    assert len(found) == 1
    assert why in found[0]


def test_untested_needs_the_hosts_policy() -> None:
    document = made(untested=True)
    assert document["predicateType"] == UNTESTED
    assert "result" not in document["predicate"]
    assert judge(document, WANTED) == ["the artifact is untested and this host takes only tested ones"]
    assert judge(document, Wanted("blog", ARTIFACT, LOCK, allow_untested=True)) == []


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*made(), "slipway", "digest", "name"]), inner),
)


@given(anything, st.sampled_from(["_type", "subject", "predicate", "predicateType"]))
def test_nothing_strange_is_taken_or_raises(strange: Any, key: str) -> None:
    assert judge(strange, WANTED)
    assert judge({**made(), key: strange}, WANTED)
