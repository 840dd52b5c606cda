# SPDX-License-Identifier: GPL-3.0-or-later
"""A bare Debian host, further runs, and what a person can ask afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping

from . import inside
from .conftest import Shipped
from .ground import Ground
from .project import Edit

# a look at the host, and the release
IDLE_STEPS = 2
# a small package, and the digest of its wheel
MORE = "iniconfig==2.1.0 --hash=sha256:9deba5723312380e77435581c6bf4935c94cbfab9b1ed33ef8d238ea168eb760"


def test_bare_host_ends_with_the_blog(shipped: Shipped) -> None:
    assert "<html" in shipped.ground.answer("/")
    assert json.loads(shipped.ground.answer("/healthz"))["status"] == "ok"
    assert shipped.ground.live() == shipped.ground.project.good
    assert shipped.first.changed


def test_nothing_is_left_half_made(shipped: Shipped) -> None:
    assert inside.half_made(shipped.ground.host) == []
    assert inside.well(shipped.ground.host) == []


def test_all_packages_came_at_once_and_services_may_start_again(shipped: Shipped) -> None:
    asked = inside.sh(shipped.ground.host, "grep ^Commandline: /var/log/apt/history.log").splitlines()
    assert len(asked) == 1 and {"python3", "nginx-light", "supervisor"} <= set(asked[0].split())
    assert inside.sh(shipped.ground.host, "ls /usr/sbin/policy-rc.d /tmp/tmp.* 2> /dev/null || true") == ""


def test_what_nobody_waited_for_went_well(shipped: Shipped) -> None:
    (said,) = inside.sh(shipped.ground.host, "cat /run/slipway-async/*").splitlines()
    begun = json.loads(said)
    assert begun["changed"] and "msg" not in begun
    assert inside.sh(shipped.ground.host, f"ls -d {begun['path']}")


READ = """import socket
asked = socket.socket(socket.AF_UNIX)
asked.connect("{0}")
print(asked.makefile().read())"""


def test_a_slot_tells_root_how_busy_it_is(shipped: Shipped) -> None:
    path = "/run/slipway/blog/slots/web-1.sock.stats"
    said = json.loads(inside.sh(shipped.ground.host, f"python3 -c '{READ.format(path)}'"))
    assert len(said["workers"]) == 2 and {worker["status"] for worker in said["workers"]} <= {"idle", "busy"}
    assert inside.sh(shipped.ground.host, f"stat -c '%a %U' {path}") == "600 app-blog"


def test_second_run_changes_nothing_in_few_steps(shipped: Shipped) -> None:
    before = inside.state(shipped.ground.host)
    again = shipped.ground.play("site").good()
    assert again.changed == 0
    assert again.remote_steps == IDLE_STEPS
    assert inside.difference(before, inside.state(shipped.ground.host)) == []


DRIFT = """
echo x >>/usr/local/lib/slipway/run.py
chmod 600 /etc/nginx/sites-available/blog.conf
echo {} >/etc/slipway/host.json
chown app-blog /etc/slipway/blog/signers
rm /etc/nginx/sites-enabled/blog.conf
chmod 700 /usr/local/lib/slipway/beat
systemctl disable --quiet --now nginx
"""
PLACED = """
cd /; stat -c '%n %a %U %G' $(ls -d /usr/local/lib/slipway/* /etc/slipway/* /etc/slipway/blog/* /etc/nginx/sites*/*)
cat /usr/local/lib/slipway/*.py /etc/slipway/*.json | sha256sum; readlink /etc/nginx/sites-enabled/*
systemctl is-active nginx; systemctl is-enabled nginx
"""


def test_what_somebody_changed_by_hand_is_put_right(shipped: Shipped) -> None:
    placed = inside.sh(shipped.ground.host, PLACED)
    inside.sh(shipped.ground.host, DRIFT)
    looked = shipped.ground.play("site", "--check").good()
    mended = shipped.ground.play("site").good()
    assert looked.changed == mended.changed == 4
    assert inside.sh(shipped.ground.host, PLACED) == placed
    assert (again := shipped.ground.play("site").good()).changed == 0 and again.remote_steps == IDLE_STEPS


def test_check_of_an_idle_host_says_that_nothing_would_change(shipped: Shipped) -> None:
    before = inside.state(shipped.ground.host)
    looked = shipped.ground.play("site", "--check", "--diff").good()
    assert looked.changed == 0
    assert "+++" not in looked.output
    assert inside.difference(before, inside.state(shipped.ground.host)) == []


def test_check_of_a_new_commit_says_what_it_would_do_and_does_nothing(here: Ground) -> None:
    live, before = here.live(), inside.state(here.host)
    new = here.project.new_page("Only looked at")
    looked = here.play("deploy", "--check", "--diff").good()
    assert looked.changed
    for said in (
        f"run the tests of {new[:10]} (Only looked at)",
        f"unpack release {new[:12]}",
        "python manage.py db upgrade",
        f"switch current from {live[:12]}",
        "restart web:1",
        "restart web:2",
    ):
        assert f"+{said}" in looked.output, said
    assert inside.difference(before, inside.state(here.host)) == []
    assert here.live() == live


def test_a_new_lock_is_installed_while_its_commit_is_tested(here: Ground) -> None:
    """It is there when the tests have failed, and no release has to install it."""
    live, environments = here.live(), "ls -d /srv/blog/venvs/*/.complete"
    there = set(inside.sh(here.host, environments).split())
    bad: Mapping[str, Edit] = {
        "requirements.txt": lambda old: f"{old}{MORE}\n",
        "tests/test_health.py": lambda old: f"{old}\n\nassert False\n",
    }
    here.project.commit("A package more", bad)
    here.play("deploy").bad("do not let it ship")
    (new,) = set(inside.sh(here.host, environments).split()) - there
    assert here.live() == live
    mended: Mapping[str, Edit] = {"tests/test_health.py": lambda old: old.replace("assert False", "")}
    good = here.project.commit("Without the mistake", mended)
    run = here.play("deploy", "--diff").good()
    assert here.live() == good and "install the locked packages" not in run.output
    assert inside.sh(here.host, "readlink -f /srv/blog/current/release/venv") == new.removesuffix("/.complete")


def test_status_says_what_runs(here: Ground) -> None:
    here.play("deploy").good()
    said = here.play("status").good()
    assert said.changed == 0
    text = said.output
    release = inside.live(here.host).split(".")[0]
    assert f"blog {release}" in text
    assert f"{here.project.good[:12]}  The blog as it is" in text
    assert "live since 20" in text and " by " in text and "tests passed" in text
    slots = [line.split() for line in text.splitlines() if line.strip().startswith("web:")]
    assert len(slots) == 2
    for slot in slots:
        assert slot[1] == "running"
        assert slot[2] in inside.slots(here.host)
        assert release in slot and "MB" in slot and "well," in slot
    assert "site  well" in text
