# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The backups of an app on this host, which a program makes (roles/backup/files/backup/): it is started here."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import BACKUP, Layout
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import LEASES, Run
from ansible_collections.slipway.flask.plugins.module_utils._host import app as apps
from ansible_collections.slipway.flask.plugins.module_utils._host import command, locking, roll, shelf, state, tolerant
from ansible_collections.slipway.flask.plugins.module_utils._host.stand_in import hold_again

LONGEST_SECONDS, SYSTEMD_SECONDS = float(LEASES["restore"]), 30.0
UNITS = {"backup": "slipway-backup", "drill": "slipway-drill"}
Row = dict[str, Any]
# who only looks leaves no bytecode on the host either
PROGRAM = ("/usr/bin/python3", "-IB", BACKUP)


def required(name: str) -> None:
    if not (Path(Layout.of(name).config) / "backup.json").exists():
        raise SlipwayError(
            f"This host makes no backups of {name}. Write backup_time: daily, and type:"
            " ansible-playbook slipway.flask.setup -i INVENTORY"
        )


def run(name: str, kind: str) -> Row:
    """As the timer does it: the same unit, which goes on when our connection ends."""
    unit = f"{UNITS[kind]}@{name}.service"
    command.run(["systemctl", "start", unit], timeout=LONGEST_SECONDS)
    shown = command.run(["systemctl", "show", "--property=InvocationID", "--value", unit], timeout=SYSTEMD_SECONDS)
    row = next((row for row in reversed(rows(name)) if row["run"] == shown.stdout.strip()), None)
    if row is None:
        raise SlipwayError(f"{unit} ended without a word. See: journalctl -u {unit}")
    return _good(row)


def judge(name: str, which: Sequence[str], by: Run) -> Row:
    """What would be restored; an error says everything that speaks against it."""
    row = _answer([*PROGRAM, name, "judge", *which])
    try:
        judge_lock(name, by)
    except locking.Locked as error:
        raise error if row["ok"] else locking.Locked(f"{error}\n{row['said']}", error.lock) from error
    return _good(row)


def judge_lock(name: str, by: Run) -> None:
    """Whether somebody else is at work on the app."""
    app = apps.load(name)
    if app:
        locking.refuse(app, by)


def restore(name: str, which: Sequence[str], by: Run) -> Row:
    """In a unit of its own: a connection that ends must not leave it half done."""
    app = apps.load(name)
    if app:
        locking.take(app, by, must_hold=True)
    unit = ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", f"--unit=slipway-restore@{name}"]
    return _good(_answer([*unit, *PROGRAM, name, "restore", *which]))


def look(name: str) -> Row | None:
    """The newest backup, the newest that went well, and the newest drill; None when there are no backups."""
    settings = Path(Layout.of(name).config) / "backup.json"
    config = tolerant.document(settings)
    if config is None:
        return None
    every = rows(name)
    made = [row for row in every if row["kind"] == "backup"]
    good = [row for row in made if row["ok"]]
    return {
        "last": made[-1] if made else None,
        "good": good[-1] if good else None,
        "drill": next((row for row in reversed(every) if row["kind"] == "drill"), None),
        "late_days": config["late_days"],
        # without any, since backups were set up
        "days": _days(datetime.fromisoformat(good[-1]["at"]).timestamp() if good else settings.stat().st_mtime),
    }


def _days(moment: float) -> float:
    return round((time.time() - moment) / 86400, 1)


def stop(name: str, by: Run) -> None:
    """End the programs of the app, each after what it is at. Their sockets stay open: who comes meanwhile waits.

    The app is locked until `start`: a release that goes live meanwhile would work with what is half restored. What a
    deploy that was killed has left to try a release, or to stand in for the slots, ends as well.
    """
    app = apps.load(name)
    if app:
        with state.exclusive(app.layout, lambda: locking.refuse(app, by)):
            locking.take(app, by)
            roll.end_trials(app)
            hold_again(app)
            for program in app.programs:
                for slot in program.names():
                    app.supervisor.stop(slot, program.wake)


def start(name: str, by: Run) -> None:
    """Start those that do not run, and wait until they are well; nothing where another run has the lock."""
    app = apps.load(name)
    if app and locking.held(app, by):
        with state.exclusive(app.layout):
            # who waited here may have been overtaken by a deploy
            if not locking.held(app, by):
                return
            try:
                live = state.linked(app.layout.current)
                if live:
                    roll.roll(app, shelf.read_wanted(app, live, leader=False)[1], live)
            finally:
                locking.drop(app)


def rows(name: str) -> list[Row]:
    """What happened, the oldest first; a line that was cut off is none."""
    found = []
    for line in tolerant.text(Path(Layout.of(name).backups)).splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def _answer(argv: Sequence[str]) -> Row:
    done = command.run(argv, timeout=LONGEST_SECONDS)
    try:
        row: Row = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        raise SlipwayError(f"{BACKUP} ended without an answer: {done.tail(5)}") from None
    return row


def _good(row: Row) -> Row:
    if not row["ok"]:
        raise SlipwayError(row["said"])
    return row
