# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be known of a host to be wrong before anything is changed on it, from the facts of `survey`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import room
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Lock, Run, decide, refusal
from ansible_collections.slipway.flask.plugins.module_utils._core.ports import judge_ports, judge_server_port
from ansible_collections.slipway.flask.plugins.module_utils._core.site import Wanted, judge_site, ports

Facts = Mapping[str, Any]

# Debian's release -> the Python it has
RELEASES: Mapping[str, str] = {"12": "3.11", "13": "3.13"}


@dataclass(frozen=True)
class Wish:
    """What a run wants of a host. `disk_mb` and `memory_mb`: None lets the host's state decide."""

    name: str
    root: str
    user: str
    python: str = ""
    domains: tuple[str, ...] = ()
    adopt: bool = False
    encrypted: bool = False
    set_up: bool = False
    lock_wait: int = 0
    disk_mb: int | None = None
    memory_mb: int | None = None
    app_port: int = 0  # when a program serves by itself
    processes: int = 0  # that serve the app
    front: str = "nginx"  # the front server; without one, visitors reach the app's own server at `server_port`
    server_port: int = 0
    serves: bool = True  # or it runs the app's other programs only


def judge_host(wish: Wish, facts: Facts) -> list[str]:
    """Everything that speaks against shipping to this host, each a sentence without the host's name."""
    found = [problem for check in _CHECKS for problem in check(wish, facts)]
    if not wish.serves or not wish.front:
        return found + (list(judge_server_port(wish.name, wish.server_port, facts)) if wish.serves else [])
    return found + judge_site(Wanted(wish.name, wish.domains, ports(wish.encrypted), wish.adopt, wish.front), facts)


def judge_service_host(wish: Wish, facts: Facts, ready: bool) -> list[str]:
    """The same of a host that only has what stands behind the app; `ready`, when that is installed there."""
    of_system = [*_system(wish, facts), *_python(replace(wish, python=""), facts)]
    return of_system + list(room.judge_free(not ready, wish.disk_mb, wish.memory_mb, facts))


def judge_lock(wish: Wish, facts: Facts, run: Run, dead: Callable[[dict[str, Any]], bool], now: float) -> list[str]:
    """A lock that this run could neither take nor wait for."""
    row = _app(wish.name, facts).get("lock")
    if not row or wish.lock_wait:
        return []
    lock = Lock.read(row)
    return [refusal(wish.name, lock, now)] if decide(lock, run, now, dead(dict(row))) == "refuse" else []


def judge_restore(name: str, facts: Facts) -> list[str]:
    """A backup that is being brought back, also where the run that wanted it is gone."""
    if name not in facts.get("restoring", ()):
        return []
    return [f"A backup of {name} is being brought back (slipway-restore@{name}.service). Wait for its end."]


def pythons(facts: Mapping[str, Facts]) -> list[str]:
    """The minor versions that the gate has to make locks for."""
    return sorted({str(row["python"]) for row in facts.values()}, key=lambda minor: [int(n) for n in minor.split(".")])


def fresh(facts: Mapping[str, Facts], name: str) -> bool:
    """Whether no host serves the app yet."""
    return not any(_app(name, row).get("current") for row in facts.values())


def by_host(problems: Mapping[str, list[str]]) -> list[str]:
    """Each sentence once, after the hosts it is true of."""
    hosts: dict[str, list[str]] = {}
    for host, texts in problems.items():
        for text in texts:
            hosts.setdefault(text, []).append(host)
    return [f"{', '.join(having)}: {text}" for text, having in hosts.items()]


def _app(name: str, facts: Facts) -> Facts:
    found: Facts = facts.get("apps", {}).get(name) or {}
    return found


def _system(wish: Wish, facts: Facts) -> Iterator[str]:
    name, release = facts.get("distribution") or "unknown", facts.get("release") or "without a release number"
    if name != "debian" or release not in RELEASES:
        known = " and ".join(RELEASES)
        yield f"It runs {name} {release}; slipway.flask ships to Debian {known}. Take it out of its group."


def _room(wish: Wish, facts: Facts) -> Iterator[str]:
    first = not _app(wish.name, facts).get("current")
    yield from room.judge_free(first, wish.disk_mb, wish.memory_mb, facts)
    yield from room.judge_servers(wish.processes, facts)


def _python(wish: Wish, facts: Facts) -> Iterator[str]:
    own = facts.get("python")
    if not own:
        yield "It has no /usr/bin/python3. Type: apt-get install python3"
    elif wish.python and wish.python != own:
        yield (
            f"app_python is {wish.python}, and the host's python3 is {own}; this version uses no other."
            f' Write app_python: "{own}", or remove the line.'
        )


def _place(wish: Wish, facts: Facts) -> Iterator[str]:
    """An app does not move by itself, and two apps never share an account."""
    for name, app in facts.get("apps", {}).items():
        config = (app or {}).get("config") or {}
        if name != wish.name and config.get("user") == wish.user:
            yield f"app_user is {wish.user}, the user of the app {name} there. Remove app_user, or write another name."
        for key in ("root", "user") if name == wish.name else ():
            wanted = getattr(wish, key)
            if config.get(key, wanted) != wanted:
                yield (
                    f"The app {name} is there with app_{key} {config[key]}, and the inventory says {wanted}."
                    f" It does not move by itself: write app_{key}: {config[key]}, or take that app off first."
                )


def _ground(wish: Wish, facts: Facts) -> Iterator[str]:
    if wish.set_up and not _app(wish.name, facts).get("config"):
        yield f"It is not set up for {wish.name}. Type: ansible-playbook slipway.flask.setup -i INVENTORY"


def _ports(wish: Wish, facts: Facts) -> Iterator[str]:
    return judge_ports(wish.name, wish.app_port, facts) if wish.app_port and wish.serves else iter(())


_CHECKS: tuple[Callable[[Wish, Facts], Iterator[str]], ...] = (_system, _python, _room, _place, _ports, _ground)
