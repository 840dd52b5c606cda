# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shell around the port: what it takes, what it gives back, and what it keeps to itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.parameters import PASS_VARS
from ansible.module_utils.testing import patch_module_args

from ansible_collections.slipway.flask.plugins.modules import file_set


def run(capsys: pytest.CaptureFixture[str], **arguments: Any) -> dict[str, Any]:
    """In check mode, so that nothing of this machine changes."""
    internals = {"_ansible_check_mode": True, "_ansible_diff": True}
    if "inject_invocation" in PASS_VARS:  # older cores always give the arguments back
        internals["_ansible_inject_invocation"] = True
    with patch_module_args({**arguments, **internals}), pytest.raises(SystemExit):
        file_set.main()
    return dict(json.loads(capsys.readouterr().out))


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would go into the host's system log."""
    lines: list[str] = []
    monkeypatch.setattr(file_set.QuietModule, "log", lambda _self, line, **_more: lines.append(line))
    return lines


def test_it_says_what_it_would_do(capsys, log, tmp_path: Path):
    result = run(capsys, files=[{"path": f"{tmp_path}/a", "content": "hello\n"}], on_change=[["true"]])
    assert result["changed"] is True
    assert result["plan"] == [f"create file {tmp_path}/a", "run true"]
    assert result["paths"] == [f"{tmp_path}/a"]
    assert result["repaired"] == []
    assert "hello" in result["diff"][0]["after"]
    assert log == [f"Invoked for {tmp_path}/a"]
    assert list(tmp_path.iterdir()) == []


def test_with_nothing_to_do_nothing_changed(capsys, log, tmp_path: Path):
    result = run(capsys, absent=[f"{tmp_path}/a"])
    assert (result["changed"], result["plan"], result["diff"]) == (False, [], [])


def test_a_secret_is_in_no_result_and_in_no_log(capsys, log, tmp_path: Path):
    secret = {"path": f"{tmp_path}/s", "content": "line\nhunter2\n", "secret": True}
    result = run(capsys, files=[secret])
    assert "hunter2" not in json.dumps(result)
    assert "hunter2" not in "".join(log)


def test_a_mistake_fails_with_its_words(capsys, log):
    result = run(capsys, absent=["not/absolute"])
    assert result["failed"] is True
    assert "'not/absolute' is no plain absolute path" in result["msg"]
