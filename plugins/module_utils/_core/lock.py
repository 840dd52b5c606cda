# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may change an app on a host right now. The rules; reading and writing the file is `_host.state`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

# how long nothing may be heard of a run; what brings a backup back is at work on one host, for as long as it may take
LEASE_SECONDS = 1800
LEASES = {"restore": 7 * 86400}


@dataclass(frozen=True)
class Run:
    """One run of a playbook: who, from where, and the token only this run knows.

    `dead` holds the tokens of earlier runs of the same controller whose process is gone.
    """

    token: str
    by: str
    controller: str
    pid: int
    act: str = ""
    dead: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lock:
    """A lock as it stands on a host; times are seconds since the epoch. `work`: what the run ships, for its history."""

    token: str
    by: str
    controller: str
    pid: int
    act: str
    since: float
    renewed: float
    work: Mapping[str, Any] | None = None

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Lock:
        return cls(**row)

    def held_by(self, run: Run) -> bool:
        return self.token == run.token

    def lapsed(self, now: float) -> bool:
        return now - self.renewed > lease(self.act)


def lease(act: str) -> int:
    """Seconds after which the lock of a run of this kind lapses when nothing is heard of it."""
    return LEASES.get(act, LEASE_SECONDS)


Answer = Literal["take", "renew", "refuse"]


def decide(lock: Lock | None, run: Run, now: float, dead: bool) -> Answer:
    """What `run` may do about `lock`. `dead`: the controller found that its own process which held it is gone."""
    if lock is None:
        return "take"
    if lock.held_by(run):
        return "renew"
    return "take" if dead or lock.lapsed(now) else "refuse"


def taken(run: Run, before: Lock | None, now: float, work: Mapping[str, Any] | None = None) -> Lock:
    if before and before.held_by(run):
        return replace(before, renewed=now, work=work or before.work)
    return Lock(run.token, run.by, run.controller, run.pid, run.act, now, now, work)


def row(lock: Lock) -> dict[str, Any]:
    return asdict(lock)


def refusal(name: str, lock: Lock, now: float) -> str:
    """Who is in the way, since when, and what to do about it."""
    minutes = max(now - lock.since, 0) / 60
    quiet = max(now - lock.renewed, 0) / 60
    return (
        f"Another run holds the lock of {name}: {lock.by} (process {lock.pid}, {lock.act or 'deploy'}),"
        f" for {minutes:.0f} min, last heard of {quiet:.0f} min ago. Wait for it with -e deploy_lock_wait=600,"
        " or, when you know that it is dead: ansible-playbook slipway.flask.unlock -i INVENTORY"
    )


def evidence(lock: Lock | None, now: float, busy: bool) -> list[str]:
    """What a person has to know before breaking a lock."""
    if lock is None:
        return ["Nobody holds the lock."]
    held, quiet = (max(now - moment, 0) / 60 for moment in (lock.since, lock.renewed))
    return [
        f"Held by {lock.by}, process {lock.pid} on {lock.controller}, for {lock.act or 'deploy'}.",
        f"Taken {held:.0f} min ago, last heard of {quiet:.0f} min ago (it lapses after {lease(lock.act) / 3600:g} h).",
        "A step of it is at work on this host right now."
        if busy
        else "No step of it is at work on this host right now.",
    ]
