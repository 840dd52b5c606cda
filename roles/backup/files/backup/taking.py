# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Into the repository, and out of it again what is old."""

from __future__ import annotations

import contextlib
import grp
import json
import os
import pwd
import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from folders import WORK, regular, scratch
from here import DATABASE, FILES, Failed, Here, attempt, commit_of
from postgresql import back_up_database
from repository import command, complaint, labels, open_repository, patiently, restic, summary, variables
from sqlite import BESIDE, copied, is_sqlite


def run(here: Here, row: dict) -> None:
    """Each part for itself: that one cannot be had is no reason to go without the others."""
    open_repository(here)
    row |= {"snapshots": {}, "added": 0, "total": 0}
    wrong = []
    for part in here.parts:
        act = {FILES: back_up_files, DATABASE: back_up_database}[part]
        wrong.append(attempt(lambda act=act, part=part: note(row, part, patiently(lambda: act(here, row["at"])))))
    if not here.parts:
        wrong.append(f"{here.app} stores nothing on this host: it serves nothing, and has no database here.")
    wrong.append(attempt(lambda: forget(here)))
    if any(wrong):
        raise Failed("\n".join(filter(None, wrong)))


def note(row: dict, part: str, summary: dict) -> None:
    row["snapshots"][part] = summary["snapshot_id"][:8]
    row["added"] += summary["data_added"]
    row["total"] += summary["total_bytes_processed"]


def back_up_files(here: Here, at: str) -> dict:
    with scratch(here.notes, 0o711) as work:
        found = look_at(here)
        copies = copied(here, found["databases"], work)
        manifest = {
            "commit": commit_of(here),
            "owners": found["owners"],
            "databases": copies,
        }
        (work / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        patterns = [literal(f"{path}{end}") for path in found["databases"] for end in BESIDE]
        (work / "excluded").write_text(
            "\n".join([*patterns, literal(f"{here.home}/.cache"), literal(f"{here.shared}/{WORK}")])
        )
        argv = ["backup", *labels(here, FILES, at), "--exclude-file", str(work / "excluded"), "--", *stored(here, work)]
        done = subprocess.run(command(here, *argv), env=variables(here), capture_output=True, text=True, check=False)
        if done.returncode not in (0, 3) or unread(done.stderr):
            raise complaint(here, "\n".join(unread(done.stderr)) or done.stderr)
        return summary(done.stdout)


def stored(here: Here, work: Path) -> list[str]:
    """What is taken: what the app has stored, how it ran, and our notes on that."""
    live = here.root / "current"
    of_live = [live.resolve() / name for name in ("environment.json", "activation.json")]
    every = [here.shared, here.home, Path("/etc/slipway", here.app), *of_live, work]
    return [str(path) for path in every if path.exists()]


def literal(path: str) -> str:
    """A pattern that means this path alone."""
    return re.sub(r"([*?\[\]\\$])", lambda found: "$$" if found[1] == "$" else f"\\{found[1]}", path)


def unread(errors: str) -> list[str]:
    """Files that could not be read, but for those that were removed just then."""
    rows = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    bad = [row for row in rows if row.get("message_type") == "error" and os.path.lexists(row.get("item", "/"))]
    return [f"{row.get('item', '')} could not be read: {row.get('error', {})}" for row in bad]


def look_at(here: Here) -> dict:
    """Databases of SQLite among the files, and the names behind the numbers of who owns them."""
    databases, users, groups = [], set(), set()
    for path in regular(here.shared, here.home):
        state = path.lstat()
        users.add(state.st_uid)
        groups.add(state.st_gid)
        if is_sqlite(path):
            databases.append(str(path))
    owners = {"users": named(users, lambda number: pwd.getpwuid(number).pw_name)}
    return {
        "databases": databases,
        "owners": owners | {"groups": named(groups, lambda number: grp.getgrgid(number).gr_name)},
    }


def named(numbers: Iterable[int], name: Callable[[int], str]) -> dict[str, str]:
    found = {}
    for number in sorted(numbers):
        with contextlib.suppress(KeyError):
            found[str(number)] = name(number)
    return found


def forget(here: Here) -> None:
    """Whatever was made within two days stays besides: whoever makes one by hand wants it for a while."""
    keep = [word for name, count in here.keep.items() if count for word in (f"--keep-{name}", str(count))]
    of = ["--host", here.host, "--tag", here.app, "--group-by", "host,tags"]
    patiently(lambda: restic(here, "forget", "--quiet", "--prune", *of, "--keep-within", "2d", *keep))
