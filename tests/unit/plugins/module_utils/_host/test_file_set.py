# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""On real directories; the accounts are those of whoever runs the tests."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.entries import Directory, File, Link
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.unit import Unit, UnitState
from ansible_collections.slipway.flask.plugins.module_utils._host import file_set
from ansible_collections.slipway.flask.plugins.module_utils._host.file_set import FileSet, place
from ansible_collections.slipway.flask.plugins.module_utils._host.files import look, temporary
from ansible_collections.slipway.flask.plugins.module_utils._host.journal import Journal

ME = pwd.getpwuid(os.geteuid()).pw_name
US = grp.getgrgid(os.getegid()).gr_name


class Killed(BaseException):
    """SIGKILL, as far as Python can be made to feel it: nothing catches it."""


@pytest.fixture
def there(tmp_path: Path) -> Path:
    folder = tmp_path / "there"
    folder.mkdir()
    return folder


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def file(content: str, mode: int = 0o644) -> File:
    return File(content.encode(), ME, US, mode)


def wish_of(there: Path) -> dict:
    """One of everything: created, changed in content, changed in mode, linked over, removed."""
    return {
        f"{there}/new": Directory(ME, US, 0o750),
        f"{there}/new/file": file("new"),
        f"{there}/content": file("after"),
        f"{there}/mode": file("same", 0o600),
        f"{there}/link": Link("content"),
        f"{there}/gone": None,
        f"{there}/gone-dir": None,
    }


def furnish(there: Path) -> None:
    for name, content in {"content": "before", "mode": "same", "link": "was a file", "gone": "was here"}.items():
        (there / name).write_text(content)
        (there / name).chmod(0o640 if name == "content" else 0o644)
    (there / "gone-dir").mkdir(mode=0o700)


def picture(there: Path) -> dict:
    return {str(path): look(str(path)) for path in sorted(there.rglob("*"))}


def make_true(there: Path, state: Path, **rest) -> file_set.Outcome:
    return place(FileSet(wish_of(there), **rest), check=False, state=state)


def test_everything_is_placed_and_the_second_run_finds_nothing(there, state):
    furnish(there)
    outcome = make_true(there, state)
    assert len(outcome.steps) == 7
    assert {path: look(path) for path in wish_of(there)} == wish_of(there)
    assert stat.S_IMODE((there / "new/file").stat().st_mode) == 0o644
    assert make_true(there, state).sentences == []
    assert not Journal(state).path.exists()


def test_check_mode_says_the_same_and_touches_nothing(there, state):
    furnish(there)
    before = picture(there)
    told = place(FileSet(wish_of(there), on_change=[("false",)]), check=True, state=state)
    assert picture(there) == before
    assert not state.exists()
    assert told.steps == make_true(there, state).steps


def test_an_idle_run_writes_down_where_it_looked_and_another_one_nothing_at_all(there, state):
    wish = FileSet({f"{there}/x": None}, [("false",)], [("false",)])
    assert place(wish, check=False, state=state).sentences == []
    (written,) = state.iterdir()
    assert str(there) in written.read_text()
    before = written.stat()
    assert place(wish, check=False, state=state).sentences == []
    assert written.stat() == before and list(there.iterdir()) == []


def test_a_failed_validation_puts_everything_back_and_says_why(there, state):
    furnish(there)
    before = picture(there)
    refuse = ("sh", "-c", f"grep -q after {there}/content && echo 'line 3 is odd' >&2; exit 1")
    with pytest.raises(SlipwayError, match=r"line 3 is odd\n.*back in place"):
        make_true(there, state, validate=[refuse], on_change=[("touch", str(there / "must-not-run"))])
    assert picture(there) == before
    assert not Journal(state).path.exists()


def test_a_failed_command_puts_everything_back_and_tells_it_again(there, state):
    furnish(there)
    before = picture(there)
    log = there.parent / "log"
    told = ("sh", "-c", f"cat {there}/content >> {log}; grep -q before {there}/content")
    with pytest.raises(SlipwayError, match="back in place"):
        make_true(there, state, on_change=[told])
    assert picture(there) == before
    assert log.read_text() == "afterbefore"


def test_a_program_that_is_missing_puts_everything_back(there, state):
    furnish(there)
    before = picture(there)
    with pytest.raises(SlipwayError, match="no-such-validator"):
        make_true(there, state, validate=[("no-such-validator",)])
    assert picture(there) == before


def test_a_directory_that_is_not_empty_stays_and_so_does_all_else(there, state):
    furnish(there)
    (there / "gone-dir" / "kept").write_text("precious")
    before = picture(there)
    with pytest.raises(SlipwayError, match="gone-dir"):
        make_true(there, state)
    assert picture(there) == before


def test_an_unknown_account_is_named_and_nothing_stays(there, state):
    wish = FileSet({f"{there}/a": file("a"), f"{there}/b": File(b"b", "nobody-i-know", US, 0o644)})
    with pytest.raises(SlipwayError, match="nobody-i-know"):
        place(wish, check=False, state=state)
    assert picture(there) == {}


def test_a_missing_folder_is_named(there, state):
    with pytest.raises(SlipwayError, match=r"its folder .*/missing is missing"):
        place(FileSet({f"{there}/missing/x": file("x")}), check=False, state=state)


class Executioner:
    """Kills the run at its n-th call to the host."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
        self.left = at
        self.patch = monkeypatch
        for holder, name in [
            (file_set.files, "write_beside"),
            (file_set.files, "put_in_place"),
            (file_set.files, "remove"),
            (file_set.files, "sync_folders"),
            (file_set, "must"),
            (Journal, "write"),
            (Journal, "close"),
        ]:
            self.patch.setattr(holder, name, self.wrap(getattr(holder, name)))

    def wrap(self, function):
        def watched(*args, **kwargs):
            self.strike()
            result = function(*args, **kwargs)
            self.strike()
            return result

        return watched

    def strike(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


@pytest.mark.long
@pytest.mark.parametrize("validator", ["true", "false"])
def test_a_run_killed_at_any_instant_is_repaired_by_the_next(tmp_path, validator):
    """Every instant in turn, until one run survives; also while it goes back after a failed validation."""
    for instant in range(1, 200):
        there, state = tmp_path / f"{instant}", tmp_path / f"{instant}.state"
        there.mkdir()
        furnish(there)
        before = picture(there)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fsync", lambda _descriptor: None)  # no power is cut here
            executioner = Executioner(patch, instant)
            try:
                make_true(there, state, validate=[(validator,)])
            except Killed:
                pass
            except SlipwayError:
                assert picture(there) == before
            survived = executioner.left > 0
        place(FileSet({}), check=False, state=state)
        assert not Journal(state).path.exists()
        assert picture(there) in (before, picture_after(tmp_path)), f"half done after instant {instant}"
        make_true(there, state)
        assert {path: look(path) for path in wish_of(there)} == wish_of(there)
        assert not [path for path in there.rglob("*") if path.name == Path(temporary(str(path))).name]
        if survived:
            return
    pytest.fail("the run never came to its end")


def picture_after(tmp_path: Path) -> dict:
    """What a run that was not killed leaves, under the name of the folder that is being looked at."""
    there = max((path for path in tmp_path.iterdir() if path.suffix == ""), key=lambda path: int(path.name))
    wished = {path: entry for path, entry in wish_of(there).items() if entry is not None}
    return dict(sorted(wished.items()))


def test_a_neighbours_run_repairs_too_and_tells_its_services(there, state):
    furnish(there)
    before = picture(there)
    log = there.parent / "log"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_set, "_run_all", lambda commands, *_: (_ for _ in ()).throw(Killed) if commands else None)
        with pytest.raises(Killed):
            make_true(there, state, on_change=[("sh", "-c", f"cat {there}/content > {log}")])
    assert picture(there) != before
    told = place(FileSet({}), check=True, state=state)
    assert any("interrupted run" in sentence for sentence in told.sentences)
    assert place(FileSet({}), check=False, state=state).repaired
    assert picture(there) == before
    assert log.read_text() == "before"


def test_a_journal_that_cannot_be_followed_says_how_to_go_on(there, state):
    furnish(there)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_set, "_run_all", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            make_true(there, state)
    (there / "content").unlink()
    (there / "content").mkdir()
    with pytest.raises(SlipwayError, match=r"remove .*journal\.json"):
        place(FileSet({}), check=False, state=state)


@pytest.fixture
def systemctl(monkeypatch: pytest.MonkeyPatch) -> list:
    """Stands in for systemd: notes what it is told, and fails at what is in its `refuses`."""

    class Told(list):
        refuses: frozenset = frozenset()
        state = UnitState(running=True, enabled=True)

    told = Told()

    def must(argv, *_seconds):
        if argv[0] == "systemctl":
            told.append(argv[1])
            if argv[1] in told.refuses:
                raise SlipwayError(f"{argv[1]} failed")
        return ""

    monkeypatch.setattr(file_set, "must", must)
    monkeypatch.setattr(file_set, "look_at_unit", lambda _name: told.state)
    return told


UNIT = Unit("x.service", enabled=True, state="started", on_change="reload")


def test_a_running_unit_is_reloaded_once(there, state, systemctl):
    make_true(there, state, unit=UNIT)
    make_true(there, state, unit=UNIT)
    assert systemctl == ["reload"]


def test_a_unit_is_started_though_no_file_changed(there, state, systemctl):
    make_true(there, state)
    systemctl.state = UnitState(running=False, enabled=False)
    assert make_true(there, state, unit=UNIT).sentences == ["start x.service", "enable x.service"]
    assert systemctl == ["start", "enable"]


def test_a_failed_reload_puts_the_files_back_and_reloads_those(there, state, systemctl):
    furnish(there)
    before = picture(there)
    systemctl.refuses = frozenset({"reload"})
    with pytest.raises(SlipwayError, match="reload failed"):
        make_true(there, state, unit=UNIT)
    assert picture(there) == before
    assert systemctl == ["reload", "reload-or-restart"]


def test_a_change_that_would_interrupt_a_running_unit_is_refused_before_it_is_made(there, state, systemctl):
    furnish(there)
    before = picture(there)
    careful = replace(UNIT, on_change="refuse", watches=[f"{there}/content"])
    for check in (True, False):
        with pytest.raises(SlipwayError, match=rf"x\.service is running, and a change of {there}/content means"):
            place(FileSet(wish_of(there), unit=careful), check=check, state=state)
    assert picture(there) == before
    assert systemctl == []


def test_a_change_that_a_unit_does_not_watch_is_none_of_its_business(there, state, systemctl):
    furnish(there)
    make_true(there, state, unit=replace(UNIT, on_change="refuse", watches=["/elsewhere"]))
    systemctl.state = UnitState(running=False, enabled=True)
    (there / "content").write_text("changed by hand")
    make_true(there, state, unit=replace(UNIT, on_change="refuse", watches=[f"{there}/content"]))
    assert systemctl == ["start"]


def test_a_unit_that_does_not_start_is_stopped_again_and_not_enabled(there, state, systemctl):
    systemctl.state = UnitState(running=False, enabled=False)
    systemctl.refuses = frozenset({"start", "stop"})
    with pytest.raises(SlipwayError, match=r"(?s)start failed.*While going back: stop failed"):
        make_true(there, state, unit=UNIT)
    assert systemctl == ["start", "disable", "stop"]
    assert picture(there) == {}
