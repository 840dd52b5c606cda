# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate within the playbook's process tells as little of credentials as the module does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.plugin_utils import gate_answer

GIVEN = {
    "name": "blog",
    "source": "https://anna:hunter2@git.example/blog.git",
    "wsgi": "",
    "handlers": "",
    "celery": "",
    "folders": [],
    "cache_dir": "/tmp/x",
    "version": "HEAD",
    "subdir": "",
    "requirements": "auto",
    "extras": [],
    "packages": [],
    "pythons": ["3.11"],
    "test": {},
    "key_file": "/key",
    "signer": "anna",
    "install_project": "auto",
    "download_environment": {"UV_INDEX_URL": "https://bob:hunter3@index.example/"},
}


def test_results_and_warnings_tell_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"repository": GIVEN["source"], "plan": ["fetch with hunter3"]}
    monkeypatch.setattr(gate_answer.gate, "run", lambda _order, check, tell: (found, ["hunter2 is no good password"]))
    said: list[str] = []
    display: Any = SimpleNamespace(warning=said.append)
    assert "hunter" not in str(gate_answer.told(gate_answer.ask(GIVEN, check=False), display))
    assert len(said) == 1 and "hunter" not in said[0]


def test_a_reason_tells_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_order: object, check: bool, tell: object) -> None:
        raise SlipwayError(f"Cannot fetch {GIVEN['source']}")

    monkeypatch.setattr(gate_answer.gate, "run", refuse)
    answer = gate_answer.ask(GIVEN, check=False)
    with pytest.raises(AnsibleActionFail, match="Cannot fetch https") as caught:
        gate_answer.told(answer, SimpleNamespace())
    assert "hunter" not in str(caught.value)
