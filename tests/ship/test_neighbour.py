# SPDX-License-Identifier: GPL-3.0-or-later
"""Two apps on one host: whatever happens to one, the visitors of the other never notice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from . import inside
from .ground import Ground
from .harm import until
from .probe import Probe
from .tiny import FOLDER, NAME, Tiny

UNIT, RUN, CONFIG = f"slipway-{NAME}", f"/run/slipway/{NAME}", f"/etc/slipway/{NAME}/supervisord.conf"
TRIED_AGAIN = "restart counter is at 7"
TEST_THAT_DOES_NOT_LOOK = """import unittest


class Home(unittest.TestCase):
    def test_nothing(self) -> None:
        pass
"""
LONG_NAME = f"{'x' * 63}.{'y' * 63}.example"


@dataclass(frozen=True)
class Trouble:
    """What breaks the second app, and what puts it right again when it cannot come back by itself."""

    name: str
    script: str
    repair: str = ":"


TROUBLES = (
    Trouble("supervisord is killed", f"kill -9 $(cat {RUN}/supervisord.pid)"),
    Trouble("the socket is removed", f"rm {RUN}/web.sock", f"systemctl restart {UNIT}"),
    Trouble(
        "its port is taken",
        f"cp {CONFIG} /run/kept; sed -i 's#^socket=unix:.*/web.sock#socket=tcp://0.0.0.0:22#' {CONFIG};"
        f" systemctl restart {UNIT}; until journalctl -u {UNIT} | grep -q '{TRIED_AGAIN}'; do sleep 0.1; done",
        f"cp /run/kept {CONFIG}",
    ),
    Trouble(
        "the live release cannot be loaded",
        f"cd {FOLDER}/current/release; cp slipway_wsgi.py /run/kept; echo 'raise ImportError' >slipway_wsgi.py;"
        f" pkill -9 -u app-{NAME} uwsgi",
        f"cp /run/kept {FOLDER}/current/release/slipway_wsgi.py",
    ),
)


@pytest.fixture(scope="module")
def alone(shipped_ground: Ground) -> frozenset[str]:
    """The host with the first app only."""
    return inside.state(shipped_ground.host)


@pytest.fixture(scope="module")
def tiny(workshop: Path, shipped_ground: Ground, alone: frozenset[str]) -> Iterator[Tiny]:
    """The second app, shipped while the first is asked all the time."""
    assert alone
    second = Tiny(workshop / NAME, shipped_ground)
    try:
        with Probe(shipped_ground.url) as probe:
            second.play("site").good()
        assert not probe.failures
        yield second
    finally:
        second.remove()


def is_up(tiny: Tiny) -> bool:
    return tiny.answer() == f"tiny {tiny.project.good}"


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
def test_trouble_of_one_is_none_of_the_other(shipped_ground: Ground, tiny: Tiny, trouble: Trouble) -> None:
    until(lambda: is_up(tiny), "the second app before the trouble")
    before, troubled = inside.slots(shipped_ground.host), inside.slots(tiny.host, NAME)
    with Probe(shipped_ground.url) as probe:
        inside.sh(tiny.host, trouble.script)
        inside.sh(tiny.host, trouble.repair)
        until(lambda: is_up(tiny), "the second app after the trouble")
    assert not inside.slots(tiny.host, NAME).keys() & troubled.keys()
    assert not probe.failures
    assert inside.slots(shipped_ground.host) == before


def test_commit_that_cannot_be_shipped(shipped_ground: Ground, tiny: Tiny) -> None:
    breaks = {"wsgi.py": lambda old: f"{old}\nopen('/etc/tiny-key')\n", "test_wsgi.py": TEST_THAT_DOES_NOT_LOOK}
    tiny.project.commit("Breaks on the host alone", breaks)
    with Probe(shipped_ground.url) as probe:
        tiny.play("deploy").bad("/etc/tiny-key")
    tiny.project.reset()
    assert not probe.failures
    assert is_up(tiny)


def test_site_that_nginx_refuses(shipped_ground: Ground, tiny: Tiny) -> None:
    before = inside.sh(tiny.host, "cat /etc/nginx/sites-enabled/*")
    tiny.describe(app_domains=[LONG_NAME])
    with Probe(shipped_ground.url) as probe:
        tiny.play("setup").bad("server_names_hash", "The files that were there before are back in place.")
    tiny.describe()
    assert not probe.failures
    assert inside.sh(tiny.host, "cat /etc/nginx/sites-enabled/*; nginx -t") == before
    assert is_up(tiny)


PORT = 8090
THROUGH_IT = (
    f"""python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:{PORT}/").read().decode())'"""
)


@pytest.mark.parametrize("stack", ["gevent", "tornado"])
def test_apps_of_different_stacks(shipped_ground: Ground, workshop: Path, tiny: Tiny, stack: str) -> None:
    """Each from an inventory of its own, with its own server and port."""
    own = {"app_name": stack, "app_root": f"/srv/{stack}", f"{stack}_port": PORT}
    other = Tiny(workshop / f"of-{stack}", shipped_ground, **own)
    other.on(stack)
    slots = inside.slots(shipped_ground.host), inside.slots(tiny.host, NAME)
    with Probe(shipped_ground.url) as probe:
        other.play("site").good()
        assert other.sh(THROUGH_IT) == f"tiny {other.project.good}"
        new = other.project.commit("Another one", {"notes": "x"})
        other.play("deploy").good()
        assert other.sh(THROUGH_IT) == f"tiny {new}"
        third = Tiny(
            workshop / f"beside-{stack}", shipped_ground, **own | {"app_name": "third", "app_root": "/srv/third"}
        )
        third.on(stack)
        third.play("site").bad(f"Visitors reach the app {stack} at port {PORT} there. Give this one another port.")
        other.remove()
    assert not probe.failures
    assert (inside.slots(shipped_ground.host), inside.slots(tiny.host, NAME)) == slots
    assert inside.sh(other.host, f"ss -Hltn 'sport = :{PORT}'; ls -d /srv/{stack} 2>/dev/null || true") == ""


def test_a_domain_that_two_apps_claim(shipped_ground: Ground, tiny: Tiny) -> None:
    before = inside.state(tiny.host)
    third = Tiny(tiny.folder / "third", shipped_ground, app_name="third", app_root="/srv/third")
    third.describe(app_domains=[f"{NAME}.example"])
    third.play("site").bad(f"The app {NAME} on this host already answers {NAME}.example")
    assert inside.difference(before, inside.state(tiny.host)) == []


ABSENT = "-e app_state=absent"


def test_an_app_is_taken_off_and_its_neighbour_does_not_notice(
    shipped_ground: Ground, tiny: Tiny, alone: frozenset[str]
) -> None:
    inside.sh(tiny.host, f"echo precious >{FOLDER}/shared/data/note; chown app-{NAME}: {FOLDER}/shared/data/note")
    # what another program has named after the same domain
    foreign = f"/var/log/nginx/{NAME}.example.access.log"
    inside.sh(tiny.host, f"touch {foreign}; mkdir -p /etc/letsencrypt/live/slipway-{NAME}")
    slots = inside.slots(shipped_ground.host)
    with Probe(shipped_ground.url) as probe:
        looked = tiny.play("site", "--check", "--diff", extra={"app_state": "absent"}).good()
        assert is_up(tiny) and f"+remove {FOLDER}/releases" in looked.output
        tiny.play("site", *ABSENT.split()).good()
        assert inside.sh(tiny.host, f"cat {FOLDER}/shared/data/note; ls {FOLDER}; id -un app-{NAME}").split() == [
            *("precious", "home", "shared"),
            f"app-{NAME}",
        ]
        assert tiny.play("site", extra={"app_state": "absent"}).good().changed == 0
        for playbook in ("deploy", "setup"):
            tiny.play(playbook, extra={"app_state": "absent"}).bad("app_state is absent")
        # what it had stored is there when it comes back
        tiny.play("site").good()
        assert is_up(tiny) and inside.sh(tiny.host, f"cat {FOLDER}/shared/data/note") == "precious"
        another = f"{ABSENT} -e app_delete_data=shop".split()
        tiny.play("site", *another).bad("app_delete_data is shop, and the app is tiny: write its name there")
        tiny.play("site", *f"{ABSENT} -e app_delete_data={NAME}".split()).good()
    assert not probe.failures
    assert inside.slots(shipped_ground.host) == slots
    assert inside.sh(tiny.host, f"ls {foreign}; rm {foreign}") == foreign
    left = [line for line in inside.difference(alone, inside.state(shipped_ground.host)) if NAME in line]
    assert left == []
