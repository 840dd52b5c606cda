# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shell around it: values of config vars leave it in no way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible.module_utils.common.parameters import PASS_VARS
from ansible.module_utils.testing import patch_module_args

from ansible_collections.slipway.flask.plugins.modules import heroku_app
from tests.unit.plugins.module_utils._host.tiny_heroku import Said, Tiny

KEY, SECRET = "a-key-of-somebody", "tell-nobody-of-this"
NAMED = {"id": "1", "name": "us"}


@pytest.fixture
def tiny() -> Iterator[Tiny]:
    made = Tiny()
    app = {"name": "blog", "id": "1", "region": NAMED, "team": None, "stack": {"name": "heroku-24"}}
    made.answers |= {
        "GET /account": {"email": "you@example.org"}, "GET /stacks": [{"name": "heroku-24"}],
        "GET /apps/blog": {**app, "web_url": "https://blog.example/", "git_url": "g"},
        "GET /apps/blog/addons": [], "GET /apps/blog/config-vars": {}, "PATCH /apps/blog/config-vars": {},
    }  # fmt: skip
    yield made
    made.close()


def run(tiny: Tiny, capsys: pytest.CaptureFixture[str], **arguments: Any) -> dict[str, Any]:
    internals: dict[str, Any] = {"_ansible_diff": True}
    if "inject_invocation" in PASS_VARS:  # older cores always give the arguments back
        internals["_ansible_inject_invocation"] = True
    given = {"app": "blog", "api_url": tiny.url, "api_key": KEY, **arguments, **internals}
    with patch_module_args(given), pytest.raises(SystemExit):
        heroku_app.main()
    said = capsys.readouterr()
    assert KEY not in said.out + said.err and SECRET not in said.out + said.err
    return dict(json.loads(said.out))


def test_a_result_has_names_and_whole_addresses(tiny: Tiny, capsys) -> None:
    config = {"SECRET_KEY": SECRET, "SITE": "https://blog.example/", "NAME": "blog", "ONE": "1"}
    result = run(tiny, capsys, config=config)
    assert result["changed"] is True
    assert result["plan"] == ["config vars: set SECRET_KEY, SITE, NAME, ONE, SLIPWAY_CONFIG"]
    assert result["heroku"]["web_url"] == "https://blog.example/" and result["heroku"]["name"] == "blog"
    assert result["config_names"] == ["NAME", "ONE", "SECRET_KEY", "SITE"]
    assert "config: SECRET_KEY" in result["diff"]["after"]
    assert tiny.bodies[-2 if tiny.asked[-1] == "GET /apps/blog" else -1]["SECRET_KEY"] == SECRET


def test_a_refusal_that_repeats_a_value_is_told_without_it(tiny: Tiny, capsys) -> None:
    tiny.answers["PATCH /apps/blog/config-vars"] = Said(422, {"id": "x", "message": f"{SECRET} is no good, v1"})
    result = run(tiny, capsys, config={"SECRET_KEY": SECRET, "ONE": "1"})
    assert result["failed"] is True
    assert "422, ******** is no good, v1" in result["msg"]
