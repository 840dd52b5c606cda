# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record that a commit's tests passed: in-toto Statement v1, predicate test-result v0.1.

The gate writes it, hosts judge it. It binds the application's name, the artifact and the lock to a
result; the signature over it says whose word that is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STATEMENT = "https://in-toto.io/Statement/v1"
TESTED = "https://in-toto.io/attestation/test-result/v0.1"
UNTESTED = "https://slipway.flask/attestation/untested/v1"
ARTIFACT_NAME = "artifact.tar.gz"
LOCK_NAME = "lock.txt"
GATE_VERSION = "1"  # a higher one makes every record of the caches stale
NAMESPACE = "attestation@slipway.flask"


@dataclass(frozen=True)
class Wanted:
    """What a host is about to install, and whether its policy takes it without tests."""

    app_name: str
    artifact: str
    lock: str
    allow_untested: bool = False


def statement(
    *, artifact: str, lock: str, interpreter: str, test_plan: str, untested: bool, ours: Mapping[str, Any]
) -> dict[str, Any]:
    """The statement; `artifact`, `lock` and `test_plan` are SHA-256 digests, `ours` names the app and counts."""
    configuration = [
        {"name": LOCK_NAME, "digest": {"sha256": lock}},
        {"name": "interpreter", "annotations": {"version": interpreter}},
        {"name": "app_test", "digest": {"sha256": test_plan}},
    ]
    result = {} if untested else {"result": "PASSED", "configuration": configuration}
    return {
        "_type": STATEMENT,
        "subject": [
            {"name": ARTIFACT_NAME, "digest": {"sha256": artifact}},
            {"name": LOCK_NAME, "digest": {"sha256": lock}},
        ],
        "predicateType": UNTESTED if untested else TESTED,
        "predicate": {**result, "slipway": dict(ours)},
    }


def encode(document: Mapping[str, Any]) -> bytes:
    """The same bytes for the same content: they are what is signed."""
    return (json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def judge(document: object, wanted: Wanted) -> list[str]:
    """Why this statement does not allow that installation; empty when it does. Strangers' data never makes it raise."""
    if not isinstance(document, Mapping) or document.get("_type") != STATEMENT:
        return ["the record is not an in-toto statement"]
    predicate = _mapping(document.get("predicate"))
    found = _result_problems(document.get("predicateType"), predicate, wanted)
    app_name = _mapping(predicate.get("slipway")).get("app_name")
    if app_name != wanted.app_name:
        found.append(f"the record is for the application {app_name!r}, not {wanted.app_name!r}")
    digests = _digests(document.get("subject"))
    for name, digest in ((ARTIFACT_NAME, wanted.artifact), (LOCK_NAME, wanted.lock)):
        if digests.get(name) != digest:
            found.append(f"the record names {name} {_short(digests.get(name))}, but what came is {_short(digest)}")
    return found


def _result_problems(kind: object, predicate: Mapping[str, Any], wanted: Wanted) -> list[str]:
    if kind == UNTESTED:
        untested = "the artifact is untested and this host takes only tested ones"
        return [] if wanted.allow_untested else [untested]
    if kind != TESTED:
        return [f"the record is of an unknown type, {kind!r}"]
    result = predicate.get("result")
    return [] if result == "PASSED" else [f"the tests' result is {result!r}, not 'PASSED'"]


def _digests(subjects: object) -> dict[str, object]:
    """Name -> digest; a name that is there twice counts as absent, since nobody can tell which one is meant."""
    found: dict[str, object] = {}
    for subject in subjects if isinstance(subjects, list) else []:
        name = _mapping(subject).get("name")
        if isinstance(name, str):
            found[name] = None if name in found else _mapping(_mapping(subject).get("digest")).get("sha256")
    return found


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _short(digest: object) -> str:
    return f"sha256:{digest[:12]}..." if isinstance(digest, str) else "with no digest"
