# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to run a program: limits, identity, and nothing left behind."""

from __future__ import annotations

import os
import pwd
import secrets
import sys
import tempfile
import time
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import command
from tests.unit.plugins.module_utils._host.samples import survivors

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")


def test_both_streams_the_status_and_the_input() -> None:
    done = command.run(["sh", "-c", "cat; echo wrong >&2; exit 3"], timeout=10, stdin="given")
    assert (done.stdout, done.stderr, done.status, done.ok) == ("given", "wrong\n", 3, False)
    assert done.tail() == "wrong"
    assert not done.timed_out


def test_the_tail_is_the_output_when_nothing_was_complained_about() -> None:
    assert command.run(["seq", "9"], timeout=10).tail(2) == "8\n9"


def test_the_environment_is_replaced_and_the_folder_chosen(tmp_path: Path) -> None:
    done = command.run(["/bin/sh", "-c", "echo $A$HOME; pwd"], timeout=10, env={"A": "1"}, cwd=tmp_path)
    assert done.stdout == f"1\n{tmp_path}\n"


def test_a_file_takes_the_output_in_order() -> None:
    with tempfile.TemporaryFile() as log:
        command.run(["sh", "-c", "echo a; echo b >&2; echo c"], timeout=10, output=log, errors=log)
        log.seek(0)
        assert log.read() == b"a\nb\nc\n"


def test_an_endless_output_keeps_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "KEPT_BYTES", 4)
    assert command.run(["sh", "-c", "printf 123456"], timeout=10).stdout == "3456"


def test_what_cannot_be_run_is_said() -> None:
    with pytest.raises(SlipwayError, match="Cannot run /no/such/thing: No such file"):
        command.run(["/no/such/thing"], timeout=1)
    with pytest.raises(SlipwayError, match="No user 'nobody-here'"):
        command.run(["true"], timeout=1, user="nobody-here")


def test_the_end_is_noticed_when_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    def looks_again(_seconds: float) -> None:
        raise AssertionError("looks now and then")

    monkeypatch.setattr(time, "sleep", looks_again)
    assert command.run(["sleep", "0.1"], timeout=10).ok


def test_where_the_system_does_not_tell_of_ends_they_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    assert command.run(["sh", "-c", "sleep 0.1; exit 3"], timeout=10).status == 3
    assert command.run(["sleep", "10"], timeout=0.1).timed_out


def test_time_is_up_for_the_whole_group_even_when_it_ignores_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "GRACE_SECONDS", 0.2)
    mark = secrets.token_hex(8)
    started = time.monotonic()
    done = command.run(["sh", "-c", f"trap '' TERM; sh -c 'trap \"\" TERM; sleep 60 # {mark}' & sleep 60"], timeout=0.3)
    assert done.timed_out
    assert not done.ok
    assert time.monotonic() - started < 5
    assert survivors(mark) == []


def test_a_child_that_stays_holds_nobody_up_and_is_ended() -> None:
    mark = secrets.token_hex(8)
    done = command.run(
        [sys.executable, "-c", f"import os\nif os.fork() == 0:\n  import time; time.sleep(60) # {mark}"], timeout=20
    )
    assert done.ok
    assert done.seconds < 5
    assert survivors(mark) == []


@needs_root
def test_another_user_has_his_groups_and_no_others() -> None:
    account = pwd.getpwnam("nobody")
    done = command.run(["id"], timeout=10, user="nobody")
    assert f"uid={account.pw_uid}(nobody) gid={account.pw_gid}" in done.stdout
    assert "root" not in done.stdout
