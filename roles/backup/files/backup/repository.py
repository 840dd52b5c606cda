# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The repository of restic: how it is asked, and what it says in words that help."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from folders import has_room
from here import PATH, Failed, Here, last

LOCKED_SECONDS, LOCKED_PAUSE = 1800, 5
SSH_SECONDS = 60
RESTIC_SAYS = (
    (r"wrong password", "{where} does not open with this password. It wants the one that its backups were made with."),
    (r"no space left on device|disk quota exceeded", "{where} is full: {said}"),
    # a server of sftp has no word for it
    (r"SSH_FX_FAILURE|sftp: \"?failure", "{where} does not take it. Is its disk full? {said}"),
    (r"already locked", "{where} is locked by another run: {said}"),
    (
        r"start the sftp session|dial tcp|connection refused|no route to host|timed? ?out|lookup \S+",
        "{where} cannot be reached: {said}",
    ),
)
MISSING = r"unable to open config file|repository does not exist|Is there a repository"


class Locked(Failed):
    """Somebody else is at work in the repository."""


class Missing(Failed):
    """There is no repository yet."""


def command(here: Here, *argv: str) -> list[str]:
    return ["restic", *(["--option", f"sftp.command={here.sftp}"] if here.sftp else []), *argv]


def variables(here: Here) -> dict:
    """Nothing secret stands in an argument: everybody on the host sees those."""
    ours = {
        "RESTIC_REPOSITORY": here.repository,
        "RESTIC_PASSWORD_FILE": here.password_file,
        # without one of its own, each run would read the index anew
        "RESTIC_CACHE_DIR": f"/var/cache/slipway-backup/{here.app}",
        "TZ": "UTC",
    }
    return PATH | here.environment | ours


def restic(here: Here, *argv: str) -> str:
    done = subprocess.run(command(here, *argv), env=variables(here), capture_output=True, text=True, check=False)
    if done.returncode:
        raise complaint(here, done.stderr + refusal(here, done.stderr))
    return done.stdout


def refusal(here: Here, errors: str) -> str:
    """What ssh says, asked itself: restic passes its words on, and now and then ends before they came."""
    if "start the sftp session" not in errors or "subprocess ssh:" in errors:
        return ""
    silent = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "check": False}
    return subprocess.run(shlex.split(here.sftp), env=variables(here), timeout=SSH_SECONDS, **silent).stderr


def complaint(here: Here, errors: str) -> Failed:
    """What restic complains of, in a line that says where and what to do."""
    if re.search(MISSING, errors):
        return Missing(f"{here.where} has no backups yet. Make one: slipway.flask.backup")
    for pattern, text in RESTIC_SAYS:
        if re.search(pattern, errors, re.IGNORECASE):
            kind = Locked if "already locked" in errors else Failed
            return kind(masked(here, text.format(where=here.where, said=last(errors))))
    return Failed(masked(here, f"{here.where}: {last(errors)}"))


def masked(here: Here, text: str) -> str:
    for name, value in here.environment.items():
        text = text.replace(str(value), f"${name}") if len(str(value)) > 3 else text
    return text


def patiently(act: Callable[[], Any]) -> Any:
    """Another host may be at work in the same repository. Nobody tells when it has ended, so it is asked again."""
    end = time.monotonic() + LOCKED_SECONDS
    while True:
        try:
            return act()
        except Locked:
            if time.monotonic() > end:
                raise
        time.sleep(LOCKED_PAUSE)


def open_repository(here: Here) -> None:
    """The repository, made when there is none yet. One that is gone is not made anew: its disk may not be mounted."""
    known = here.state / "backup.repository"
    if here.repository.startswith("/"):
        Path(here.repository).mkdir(mode=0o700, parents=True, exist_ok=True)
        has_room(Path(here.repository), 0, f"A backup into {here.repository}")
    try:
        restic(here, "cat", "config")
    except Missing:
        if known.exists() and known.read_text(encoding="utf-8").strip() == here.where:
            raise Failed(
                f"{here.where} is not there any more, and it had backups. Is its disk mounted? To begin a new one,"
                f" remove {known}."
            ) from None
        restic(here, "init")
    restic(here, "unlock")  # only what dead processes have left
    known.write_text(f"{here.where}\n", encoding="utf-8")


def labels(here: Here, part: str, at: str) -> list[str]:
    """By these a snapshot is found again. A `:` is in the name of no app."""
    moment = datetime.fromisoformat(at).strftime("%Y-%m-%d %H:%M:%S")
    tags = ["--tag", here.app, "--tag", f"part:{part}"]
    return ["--json", "--quiet", "--host", here.host, *tags, "--time", moment]


def summary(said: str) -> dict:
    rows = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return next(row for row in rows if row.get("message_type") == "summary")


def size(here: Here, snapshot: dict) -> int:
    return json.loads(restic(here, "stats", "--json", "--mode", "restore-size", snapshot["id"]))["total_size"]
