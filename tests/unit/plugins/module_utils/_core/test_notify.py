# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.app import DescriptionError
from ansible_collections.slipway.flask.plugins.module_utils._core.notify import Notice, Targets, body, settle

HOOK = "https://chat.example.org/hooks/hunter2"
NOTICE = Notice(
    app="blog",
    act="deploy",
    outcome="failed",
    commit="c1" * 20,
    subject="First",
    by="anna@laptop",
    hosts=("web1", "web2"),
    at="2026-01-02T03:04:05+00:00",
    seconds=23.4,
    reason="web1: it is unwell",
)


def test_nobody_is_told_unless_somebody_is_named():
    assert settle({}) == Targets()
    assert not settle({"notify_webhook": "", "notify_command": [], "notify_mail": {}})


def test_targets_are_what_the_variables_name():
    mail = {"to": ["ops@example.org"], "from": None}
    found = settle({"notify_webhook": HOOK, "notify_command": ["tell", "-q"], "notify_mail": mail, "app_name": "x"})
    assert found == Targets(HOOK, ("tell", "-q"), {"to": ["ops@example.org"], "server": "localhost:25"})
    assert found and "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("notify_webhook", "chat.example.org/hunter2", "notify_webhook is no web address: write https://..."),
        ("notify_webhook", "file:///etc/hunter2", "notify_webhook is no web address"),
        ("notify_webhook", ["https://hunter2"], "notify_webhook is a list: write a string"),
        ("notify_webhook", None, "notify_webhook is empty"),
        ("notify_command", "tell -q", 'notify_command is "tell -q": write a list, such as notify_command: ['),
        ("notify_command", ["tell", 5], "notify_command, entry 2, is 5 (a number)"),
        ("notify_mail", ["ops@example.org"], 'notify_mail is ["ops@example.org"] (a list): write a dictionary with to'),
        ("notify_mail", {"too": []}, "notify_mail has no key too. Did you mean to?"),
        ("notify_mail", {"from": "ops@example.org"}, "notify_mail does not say to whom"),
        ("notify_mail", {"to": ["Ops <ops@example.org>"]}, "notify_mail.to, entry 1,"),
        ("notify_mail", {"to": ["a@b"], "server": "smtp://x"}, "notify_mail.server is"),
    ],
)
def test_what_is_wrong_is_said_and_no_secret(name, value, said):
    with pytest.raises(DescriptionError) as caught:
        settle({name: value})
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_notice_as_json_says_all_of_it():
    sent = json.loads(json.dumps(body(NOTICE)))
    assert sent == {
        "app": "blog",
        "act": "deploy",
        "outcome": "failed",
        "commit": "c1" * 20,
        "subject": "First",
        "by": "anna@laptop",
        "hosts": ["web1", "web2"],
        "at": "2026-01-02T03:04:05+00:00",
        "seconds": 23.4,
        "reason": "web1: it is unwell",
        "text": "blog: deploy of c1c1c1c1c1c1 (First) failed after 23 s, by anna@laptop to web1, web2."
        " web1: it is unwell",
    }


@pytest.mark.parametrize(
    ("changes", "headline"),
    [
        ({"outcome": "started"}, "blog: deploy of c1c1c1c1c1c1 (First) started"),
        ({"subject": ""}, "blog: deploy of c1c1c1c1c1c1 failed after 23 s"),
        ({"subject": "", "commit": ""}, "blog: deploy failed after 23 s"),
    ],
)
def test_a_headline_says_what_is_known(changes, headline):
    assert Notice(**vars(NOTICE) | changes).headline == headline


def test_a_run_that_saw_no_host_says_so():
    assert Notice(**vars(NOTICE) | {"hosts": (), "reason": ""}).text.endswith("by anna@laptop to no host.")
