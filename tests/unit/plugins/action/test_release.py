# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the action splits what a role gives; whole runs belong to the tests on hosts."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.slipway.flask.plugins.action import release
from ansible_collections.slipway.flask.plugins.module_utils._core.request import read
from ansible_collections.slipway.flask.plugins.module_utils._host import bundle

BUILD = {"python": "3.11", "lock": {"sha256": "b" * 64}, "tests": {"total": 3, "passed": 3}}
GATE = {"commit": "c" * 40, "subject": "First", "version": "main", "artifact": {"sha256": "a" * 64}}
GATE |= {"install_project": False}
ASKED = {
    "wsgi": "wsgi:app",
    "health_path": "/",
    "host": "localhost",
    "environment": {"A": "1"},
    "secrets": {"TOKEN": "hunter1"},
    "files": {
        "plain": {"content": "X", "mode": "0755"},
        "usual": {"content": "Y"},
        "key": {"content": "hunter2", "secret": True},
    },
}


def test_secrets_go_their_own_way():
    arguments = release._request(ASKED, GATE, BUILD)
    assert "hunter" not in str(arguments["request"])
    assert arguments["secrets"] == {"environment": {"TOKEN": "hunter1"}, "files": {"key": "hunter2"}}


def test_the_module_reads_what_the_action_sends():
    arguments = release._request(ASKED, GATE, BUILD)
    request = read(arguments["request"], arguments["secrets"], leader=True, told={})
    assert (request.recipe.commit, request.recipe.artifact) == ("c" * 40, "a" * 64)
    assert (request.recipe.lock, request.recipe.python) == ("b" * 64, "3.11")
    assert {(file.path, file.secret, file.mode) for file in request.recipe.files} == {
        ("plain", False, "0755"),
        ("usual", False, "0644"),
        ("key", True, "0644"),
    }
    assert request.setting.environment == {"A": "1", "TOKEN": "hunter1"}
    assert request.facts == {"subject": "First", "version": "main", "tests": {"total": 3, "passed": 3}}


def test_what_is_not_given_is_empty():
    arguments = release._request({"files": None, "environment": None}, GATE, BUILD | {"tests": None})
    assert arguments["secrets"] == {"environment": {}, "files": {}}
    assert (arguments["request"]["files"], arguments["request"]["environment"]) == ({}, {})


def test_a_bundle_has_the_parts_that_the_host_expects():
    assert sorted(release.PARTS.values()) == sorted(bundle.PARTS)


def test_a_host_gets_the_build_for_its_python():
    gate = {"builds": {"3.11": BUILD}}
    assert release._build_for(gate, {"ansible_facts": {"slipway": {"python": "3.11"}}}) == BUILD
    with pytest.raises(AnsibleActionFail, match=r"has Python 3\.13, but the gate made locks for 3\.11 only"):
        release._build_for(gate, {"ansible_facts": {"slipway": {"python": "3.13"}}})
