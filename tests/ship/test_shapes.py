# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing assumes the blog: applications of other shapes ship through the same roles, beside it on the same host."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .ground import Ground
from .guest import Guest, Shape
from .probe import Probe
from .shapes import COMPILED, DIES, HANGS, MODULE, ONE_PROCESS, PACKAGE, PLAIN, SERVED, SLOW

MOST_VARIABLES = 10


@pytest.fixture
def guest(workshop: Path, shipped_ground: Ground) -> Iterator[Callable[[Shape], Guest]]:
    """An app on the host of the blog, whose visitors notice nothing of it."""
    guests: list[Guest] = []

    def make(shape: Shape) -> Guest:
        guests.append(Guest(workshop / shape.name, shipped_ground, shape))
        return guests[-1]

    with Probe(shipped_ground.url, rate=5.0) as probe:
        yield make
    for one in guests:
        one.remove()
    probe.unbroken()


@pytest.mark.parametrize("shape", [MODULE, PACKAGE, PLAIN, SERVED], ids=lambda shape: shape.name)
def test_few_variables_describe_it(shape: Shape) -> None:
    assert len({"app_source": "..", **shape.variables}) <= MOST_VARIABLES


def test_one_module_and_nothing_but_flask(guest: Callable[[Shape], Guest]) -> None:
    here = guest(MODULE)
    # another program of the host has that name in /tmp already
    here.sh("echo else >/tmp/the-cache; chmod 600 /tmp/the-cache")
    here.project.commit("Fails its test", {"test_app.py": lambda old: old.replace("200)", "201)")})
    # where nobody is served yet the ground is made beside the tests, and their verdict counts as much
    here.play("site").bad("Place the site of module", "test_answers", "200 != 201")
    assert here.sh("ls /srv/module/releases") == ""
    here.project.reset()
    here.play("site").good()
    title = json.loads(MODULE.variables["app_environment"]["SETTINGS"])["TITLE"]
    assert here.told() == {"debug": False, "title": title, "cache": "module", "home": "/srv/module/home"}
    assert here.sh("cat /tmp/the-cache; rm /tmp/the-cache") == "else"
    again = here.play("site").good()
    assert again.changed == 0


def test_package_that_has_to_be_installed(guest: Callable[[Shape], Guest]) -> None:
    here = guest(PACKAGE)
    subprocess.run(["uv", "lock", "--quiet"], cwd=here.project.folder, check=True)
    commit = here.project.commit("With its lock")
    here.project.settle()
    here.play("site").good()
    told = here.told("/about")
    assert {**told, "visits": 0} == {
        "version": "1.2.3",
        "greeting": "guten Tag!",
        "place": "here",
        "visits": 0,
        "commit": commit,
    }
    assert here.answer("/robots.txt") == "User-agent: *\n"
    new = here.project.commit("Later", {"public/robots.txt": "User-agent: none\n"})
    here.play("deploy").good()
    assert here.answer("/robots.txt") == "User-agent: none\n"
    later = here.told("/about")
    assert later["commit"] == new and later["visits"] > told["visits"]


def test_plain_wsgi_in_one_process_that_writes_beside_its_code(guest: Callable[[Shape], Guest]) -> None:
    here = guest(PLAIN)
    here.describe(app_shared=[], **ONE_PROCESS)
    here.play("site").bad("The app may not write cache", "write app_shared: [cache]")
    here.describe(**ONE_PROCESS)
    here.play("site").good()
    first = here.told()
    assert here.sh("find /srv/plain/shared/cache -type f -printf '%f %u'") == "started app-plain"
    new = here.project.commit("Another page", {"notes.txt": "Nothing."})
    with Probe(here.url, name="plain.example") as probe:
        here.play("deploy").good()
    # one process: visitors wait while it is replaced, and are answered all the same
    probe.unbroken()
    assert probe.commits == [first["commit"], new]
    here.project.commit("Answers once", {"plain.py": lambda old: old + DIES})
    here.play("deploy").bad("answers, and then one of its processes dies")
    assert here.told()["commit"] == new


def test_program_that_serves_by_itself_and_one_beside_it(guest: Callable[[Shape], Guest]) -> None:
    here = guest(SERVED)
    here.play("site").good()
    old = here.project.good
    assert here.told() == {"commit": old, "for": "served.example"}
    said = here.play("status").good().output
    assert "web:1" in said and "web:2" in said and "scheduler:1" in said and "NOT WELL" not in said
    new = here.project.commit("Another page", {"notes.txt": "Nothing."})
    with Probe(here.url, name="served.example") as probe:
        here.play("deploy").good()
    probe.unbroken()
    assert probe.commits == [old, new]
    diary = ["begins", "ends", "begins"]
    assert here.sh("cat /srv/served/shared/diary/scheduler").splitlines() == [
        f"{word} {commit}" for word, commit in zip(diary, (old, old, new), strict=True)
    ]
    # two of them, one after the other, each with the time to end what it is at and to tell its own
    turns = ["begins", "begins", "ends", "begins", "ends", "begins"]
    assert here.sh("cat /srv/served/shared/diary/worker").splitlines() == [
        f"{word} {commit}" for word, commit in zip(turns, (old, old, old, new, old, new), strict=True)
    ]
    programs = here.shape.variables["app_programs"]
    with Probe(here.url, name="served.example") as probe:
        # one more of one, another one, and one that is gone; nobody who visits the site notices
        here.describe(
            app_programs={"web": programs["web"], "worker": {**programs["worker"], "slots": 3}, "nap": "sleep 999"}
        )
        here.play("site").good()
    probe.unbroken()
    said = here.play("status").good().output
    assert "worker:3" in said and "nap:1" in said and "scheduler" not in said
    here.describe()
    here.play("site").good()
    assert here.play("site").good().changed == 0
    here.project.commit("Breaks beside", {"scheduler.py": "raise SystemExit('no queue on this host')\n"})
    here.play("deploy").bad("scheduler:1 does not stay up", "no queue on this host", "This host is back on")
    assert here.told()["commit"] == new
    here.project.reset(new)
    assert here.play("deploy").good().changed == 0


@pytest.mark.soak
def test_first_answer_of_each_process_may_take_long_but_not_for_ever(guest: Callable[[Shape], Guest]) -> None:
    here = guest(SLOW)
    here.play("site").good()
    assert here.answer() == "warm"
    here.project.commit("No database", {"slow.py": lambda old: old + HANGS})
    here.play("deploy").bad("trial-web:trial", "no database at db.example")
    assert here.answer() == "warm"


@pytest.mark.soak
def test_package_that_is_compiled(guest: Callable[[Shape], Guest]) -> None:
    here = guest(COMPILED)
    here.play("site").bad("wants pg_config", "app_system_packages", "base_build_tools: true")
    here.describe(app_system_packages=["libpq-dev"], base_build_tools=True)
    here.play("site").good()
    assert here.answer().startswith("2.9.10")
