# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shells of both modules: what they say when AWS cannot be asked, and what they keep to themselves."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from ansible.module_utils.common.parameters import PASS_VARS
from ansible.module_utils.testing import patch_module_args

from ansible_collections.slipway.flask.plugins.module_utils import aws
from ansible_collections.slipway.flask.plugins.modules import elastic_beanstalk_environment as environment
from ansible_collections.slipway.flask.plugins.modules import elastic_beanstalk_version as version

ASKED = {
    "application": "blog",
    "name": "blog-prod",
    "platform": "Python 3.13 running on 64bit Amazon Linux 2023",
    "version_label": "v1",
    "environment": {"PASSWORD": "hunter2"},
}
REFUSAL = b"""<ErrorResponse xmlns="http://elasticbeanstalk.amazonaws.com/docs/2010-12-01/"><Error><Type>Sender</Type>
<Code>InvalidClientTokenId</Code><Message>The security token is invalid.</Message></Error>
<RequestId>1</RequestId></ErrorResponse>"""


class Refusing(BaseHTTPRequestHandler):
    """AWS, as somebody meets it who has the wrong key."""

    def do_POST(self) -> None:
        self.send_response(403)
        self.send_header("Content-Length", str(len(REFUSAL)))
        self.end_headers()
        self.wfile.write(REFUSAL)

    def log_message(self, *_arguments: Any) -> None:
        """Nothing."""


@pytest.fixture
def refusing() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would go into the system log; no settings of this machine's user are read."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    lines: list[str] = []
    monkeypatch.setattr(aws.QuietModule, "log", lambda _self, line, **_more: lines.append(line))
    return lines


def run(module: Any, capsys: pytest.CaptureFixture[str], **arguments: Any) -> Mapping[str, Any]:
    internals = {"_ansible_check_mode": True}
    if "inject_invocation" in PASS_VARS:  # older cores always give the arguments back
        internals["_ansible_inject_invocation"] = True
    with patch_module_args({**arguments, **internals}), pytest.raises(SystemExit):
        module.main()
    return dict(json.loads(capsys.readouterr().out))


def keys(endpoint: str) -> dict[str, str]:
    return {"endpoint_url": endpoint, "region": "us-east-1", "access_key": "AKIA", "secret_key": "sesame-open"}


@pytest.mark.parametrize(
    ("module", "asked"), [(environment, ASKED), (version, {"application": "blog", "label": "v1", "bundle": "/a.zip"})]
)
def test_a_refusal_is_said_with_what_to_do(module, asked, refusing: str, log: list[str], capsys) -> None:
    result = run(module, capsys, **asked, **keys(refusing))
    assert result["failed"] is True
    assert result["msg"].startswith("AWS refuses (InvalidClientTokenId): The security token is invalid. The access key")


def test_an_application_s_environment_is_in_no_result_and_no_log(refusing: str, log: list[str], capsys) -> None:
    result = run(environment, capsys, **ASKED, **keys(refusing))
    assert "hunter2" not in json.dumps(result) + "".join(log)
    assert log == ["Invoked for blog"]


def test_without_keys_somebody_is_told_what_to_write(refusing: str, log: list[str], capsys) -> None:
    result = run(environment, capsys, **ASKED, region="us-east-1", endpoint_url=refusing)
    assert result["msg"] == "There are no credentials for AWS. Write access_key and secret_key, or profile."


def test_a_region_that_does_not_exist_is_named(log: list[str], capsys) -> None:
    result = run(environment, capsys, **ASKED, **{**keys("http://127.0.0.1:1"), "region": "eu-centrel-1"})
    assert result["msg"] == "region is eu-centrel-1, where boto3 knows no Elastic Beanstalk. Did you mean eu-central-1?"


def test_what_is_written_wrong_is_said_before_anybody_is_asked(log: list[str], capsys) -> None:
    wrong = {**ASKED, "name": "x", "secrets": {"KEY": "hunter3"}, **keys("http://127.0.0.1:1")}
    result = run(environment, capsys, **wrong)
    assert 'name is "x"' in result["msg"] and "secrets.KEY is no ARN" in result["msg"]


def test_what_is_not_installed_is_named_with_what_to_type(log, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "AnsibleAWSModule", None)
    monkeypatch.setattr(aws, "boto3", None)
    message = run(version, capsys, application="blog", label="v1", bundle="/a.zip", region="us-east-1")["msg"]
    collection, library = message.splitlines()
    assert collection.endswith("Type: ansible-galaxy collection install amazon.aws")
    assert "boto3. Type: " in library and library.endswith("-m pip install boto3")
