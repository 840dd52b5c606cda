# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Out of the repository, into the place of what is there."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import grp
import json
import os
import pwd
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

from folders import WORK, amount, move, regular, scratch, within
from here import DATABASE, FILES, Here, commit_of, document
from judging import judge
from postgresql import restore_database
from repository import restic


def restore(here: Here, asked: argparse.Namespace, row: dict) -> None:
    found, plan = judge(here, asked)
    row |= plan
    with open(here.state / "restoring", "a", encoding="utf-8") as sign:
        # who looks at the host sees it, and ships nothing: this goes on where the controller is gone
        fcntl.flock(sign, fcntl.LOCK_EX)
        # what can fail goes first: the database changes wholly or not at all
        if DATABASE in found:
            restore_database(here, found[DATABASE], row)
        if FILES in found:
            restore_files(here, found[FILES], row)


def restore_files(here: Here, snapshot: dict, row: dict) -> None:
    """Whole and verified beside what is there, then one rename for each entry."""
    with scratch(here.shared / WORK) as work:
        manifest = brought(here, snapshot, work)
        of = within(work, here.root)
        row["files"], row["bytes"] = amount(of / "shared", of / "home")
        row["differs"] = told_apart(here, of)
        for name in ("shared", "home"):
            exchange(of / name, here.root / name, work / "before" / name)
        keep(work, of, here.state / "restored")
    if manifest["commit"] != commit_of(here):
        row["commit"] = [manifest["commit"], commit_of(here)]
        unmark(here)


def brought(here: Here, snapshot: dict, work: Path) -> dict:
    """The snapshot below `work`, each file as this host would own it and each database in its place; its manifest."""
    restic(here, "restore", snapshot["id"], "--target", str(work), "--verify")
    notes = within(work, here.notes)
    manifest = json.loads((notes / "manifest.json").read_text(encoding="utf-8"))
    for number, path in manifest["databases"].items():
        (notes / number / "copy").replace(within(work, path))
    own(within(work, here.root), manifest["owners"])
    return manifest


def own(folder: Path, owners: dict) -> None:
    """Accounts have other numbers here."""
    users = renumbered(owners["users"], lambda name: pwd.getpwnam(name).pw_uid)
    groups = renumbered(owners["groups"], lambda name: grp.getgrnam(name).gr_gid)
    for path in [*regular(folder)] if users or groups else []:
        state = path.lstat()
        os.chown(path, users.get(state.st_uid, -1), groups.get(state.st_gid, -1), follow_symlinks=False)
        if not path.is_symlink():
            os.chmod(path, stat.S_IMODE(state.st_mode))  # which a change of owner may take from


def renumbered(names: dict, number: Callable[[str], int]) -> dict[int, int]:
    found = {}
    for old, name in names.items():
        with contextlib.suppress(KeyError):
            if number(name) != int(old):
                found[int(old)] = number(name)
    return found


def told_apart(here: Here, of: Path) -> list[str]:
    """Names of the variables that the app has otherwise now: the inventory decides, and somebody should know."""
    old = next((document(path) for path in of.glob("activations/*/environment.json")), {})
    live = document(here.root / "current/environment.json")
    # what the app is told of services is ours, and every host's own
    told = Path("/etc/slipway", here.app, "services").glob("*.json")
    ours = {name for path in told for name in document(path)}
    return sorted(name for name in {*old, *live} - ours if old.get(name) != live.get(name))


def exchange(new: Path, place: Path, before: Path) -> None:
    """Entry by entry, since the folder itself may be a disk of its own."""
    before.mkdir(parents=True)
    for path in sorted(place.iterdir()):
        if path.name != WORK:
            move(path, before / path.name)
    for path in sorted(new.iterdir()) if new.exists() else []:
        move(path, place / path.name)


def keep(work: Path, of: Path, folder: Path) -> None:
    """How the app ran is for reading only: the inventory says how it runs now."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    for path in (*of.glob("activations/*/*.json"), *work.glob("etc/slipway/*")):
        move(path, folder / path.name)


def unmark(here: Here) -> None:
    """The data is of another commit, so what migrates it has to run again with the next deploy."""
    path = here.state / "markers.json"
    if path.exists():
        markers = {name: value for name, value in document(path).items() if name != "migrated"}
        fresh = path.with_suffix(".work")
        fresh.write_text(json.dumps(markers), encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(path)
