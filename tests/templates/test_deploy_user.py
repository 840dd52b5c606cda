# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role deploy_user makes of its options."""

from __future__ import annotations

from typing import Any

import pytest

from tests.templates.render import evaluate

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGbn1pQ3yRZ2bdTk8bqqb3b9cTS0m3FZ0Zo0Yc3m1Q1x ann@laptop"


def files(**scenario: Any) -> dict[str, str]:
    account = {"home": "/home/ship"}
    found = evaluate(
        "deploy_user",
        "{{ __deploy_user_files }}",
        deploy_user_name="ship",
        __deploy_user_account=account,
        **scenario,
    )
    return {file["path"]: file["content"] for file in found}


def test_the_list_of_keys_is_the_whole_file():
    keys = files(deploy_user_keys=[KEY, f"{KEY}2\n"])["/home/ship/.ssh/authorized_keys"]
    assert keys.splitlines()[1:] == [KEY, f"{KEY}2"]


def test_without_commands_there_is_no_sudo():
    assert list(files(deploy_user_keys=[KEY])) == ["/home/ship/.ssh/authorized_keys"]
    assert evaluate("deploy_user", "{{ __deploy_user_absent }}") == ["/etc/sudoers.d/slipway-deploy"]
    assert evaluate("deploy_user", "{{ __deploy_user_checks }}") == []


def test_commands_are_a_line_each_and_are_checked():
    commands = ["/usr/bin/systemctl restart x", "/usr/bin/id"]
    rules = files(deploy_user_keys=[KEY], deploy_user_sudo=commands)["/etc/sudoers.d/slipway-ship"]
    assert rules.splitlines()[1:] == [f"ship ALL=(ALL) NOPASSWD: {command}" for command in commands]
    assert evaluate("deploy_user", "{{ __deploy_user_absent }}", deploy_user_sudo=commands) == []
    assert evaluate("deploy_user", "{{ __deploy_user_checks }}", deploy_user_sudo=commands) == [
        ["visudo", "-cf", "/etc/sudoers.d/slipway-deploy"]
    ]


@pytest.mark.parametrize(
    ("key", "odd"),
    [
        (KEY, False),
        (f'from="10.0.0.0/8" {KEY}', False),
        ("ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTY=", False),
        ("sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIA==", False),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n", True),
        ("~/.ssh/id_ed25519.pub", True),
        ("ssh-ed25519", True),
        ("", True),
    ],
)
def test_only_public_keys_are_keys(key, odd):
    found = evaluate("deploy_user", "{{ __deploy_user_odd_keys }}", deploy_user_keys=[key])
    assert found == ([key] if odd else [])
