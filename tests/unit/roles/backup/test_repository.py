# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What restic says, and what is made of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import repository
from here import Failed, Here
from repository import Locked, Missing, complaint, patiently, restic


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ("Fatal: wrong password or no key found", "The repository /vault does not open with this password."),
        ("Fatal: write /vault/x: no space left on device", "The repository /vault is full:"),
        ('sftp: "Failure" (SSH_FX_FAILURE)', "Is its disk full?"),
        (
            "subprocess ssh: x\nFatal: unable to start the sftp session, error: EOF",
            "The repository /vault cannot be reached:",
        ),
        ("Fatal: dial tcp: lookup s3.example.org: no such host", "cannot be reached"),
        ("Fatal: something new with hunter2", "The repository /vault: Fatal: something new with $KEY"),
    ],
)
def test_complaints_are_put_plainly(here: Here, errors: str, said: str) -> None:
    found = str(complaint(here, errors))
    assert said in found and "hunter2" not in found


@pytest.mark.parametrize("passed_on", ["", "subprocess ssh: ssh: Connection refused\n"])
def test_why_ssh_was_refused_is_said_whether_or_not_restic_passes_it_on(
    here: Here, tmp_path: Path, passed_on: str
) -> None:
    for name, words in (
        ("restic", f"{passed_on}Fatal: unable to start the sftp session"),
        ("ssh", "Connection refused"),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{words}' >&2\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}:/usr/bin:/bin"
    with pytest.raises(Failed, match=r"cannot be reached.*Connection refused"):
        restic(replace(here, sftp=f"{tmp_path}/ssh vault -s sftp", environment={"PATH": path}), "cat", "config")


def test_what_may_pass_is_told_from_what_may_not(here: Here) -> None:
    locked = "unable to create lock in backend: repository is already locked exclusively by PID 7"
    assert isinstance(complaint(here, locked), Locked)
    for missing in ("unable to open config file: stat /vault/config", "Fatal: repository does not exist: x"):
        assert isinstance(complaint(here, missing), Missing)


def test_who_finds_the_repository_locked_asks_again(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    paused: list[float] = []
    monkeypatch.setattr(repository.time, "sleep", paused.append)

    def act() -> str:
        if len(paused) < 3:
            raise complaint(here, "repository is already locked")
        return "done"

    assert patiently(act) == "done" and len(paused) == 3
    monkeypatch.setattr(repository, "LOCKED_SECONDS", -1)
    paused.clear()
    with pytest.raises(Locked, match="is locked by another run"):
        patiently(act)


def test_a_password_in_an_address_is_not_shown(here: Here) -> None:
    there = Here(**{**vars(here), "repository": "rest:https://anna:hunter2@vault/blog"})
    assert there.where == "The repository rest:https://anna:***@vault/blog"
