# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages that come to a bare host while steps go on; programs stand in for apt-get, dpkg-query and Python."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import installing
from tests.templates.render import evaluate

LIMIT = 20.0
PROXIES = {"http_proxy": 'http://me:hid"\\den$HOME@proxy:1'}
PROGRAMS = {
    # what it is asked for, with which settings; then it tells what the test says, on the descriptor for that
    "apt-get": r"""
case " $* " in *" update "*) cp "$APT_CONFIG" settings; umask > umask; exit "$(cat update)" ;; esac
printf '%s\n' "$@" > asked
while read -r line; do
    case $line in end:*) exit "${line#end:}" ;; esac
    echo "$line" >&3
done < told
""",
    "dpkg-query": 'shift 2; for package; do sed -n "s/^$package //p" states; done; touch looked',
    # its arguments, what it reads, and its session, whole at once; and it goes on until it is told to end
    "python3": r"""
printf '%s\0' "$@" > arguments; cat > read; cut -d ' ' -f 6 /proc/$$/stat > session
mv arguments python-ran; until [ -e end-of-python ]; do sleep 0.02; done
""",
}
STATES = "python3 {}\npython3-pip-whl {}\nca-certificates installed\n"
BEGUN = STATES.format("unpacked", "unpacked")
PIP = STATES.format("unpacked", "installed")
READY = STATES.format("installed", "installed")
PIP_IS_THERE = "pmstatus:python3-pip-whl:58.3942:Installed python3-pip-whl (amd64)"
THERE = "pmstatus:python3:83.4532:Installed python3 (amd64)"
NEXT = "pmstatus:supervisor:85.0:Preparing to configure supervisor (amd64)"


class Host:
    """Where the role begins to bring packages, and apt does what a test says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = folder / installing.PLACE
        self.place.parent.mkdir()
        for name, text in PROGRAMS.items():
            path = folder / "bin" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"#!/bin/sh\n{text}")
            path.chmod(0o755)
        os.mkfifo(folder / "told")
        self.apt = os.open(folder / "told", os.O_RDWR)
        self.has(update="0\n", states=BEGUN)

    def has(self, **files: str) -> None:
        for name, text in files.items():
            (self.folder / name).write_text(text)

    def text(self, name: str) -> str:
        return (self.folder / name).read_text()

    def begin(self, reads: str | None = None, **variables: object) -> subprocess.Popen[str]:
        """Where it reads nothing, the connection hands nothing over."""
        own = {"base_packages": ["nginx"], "__base_under_way": str(self.place)}
        script = str(evaluate("base", "{{ __base_bringing }}", **own, **variables))
        script = script.replace("/usr/sbin/policy-rc.d", str(self.folder / "policy-rc.d"))
        self.has(given=reads or "")
        with (self.folder / "given").open() as given:
            return subprocess.Popen(
                ["sh", "-c", f"exec < /dev/null\n{script}" if reads is None else script],
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env={"PATH": f"{self.folder / 'bin'}:/usr/bin:/bin"},
                text=True,
                start_new_session=True,
            )

    def tell(self, *lines: str) -> None:
        """What apt tells."""
        os.write(self.apt, "".join(f"{line}\n" for line in lines).encode())

    def end(self) -> None:
        self.has(**{"end-of-python": ""})
        self.tell("end:0")
        until(lambda: not installing.is_under_way(self.folder))
        os.close(self.apt)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path)
    yield host
    host.end()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def said(begun: subprocess.Popen[str]) -> tuple[int, str]:
    """Its end: nobody else may hold what a connection waits for."""
    text, _ = begun.communicate(timeout=LIMIT)
    return begun.returncode, text


def test_steps_go_on_as_soon_as_a_module_can_run(host: Host) -> None:
    begun = host.begin(reads="settings of apt\n")
    until((host.folder / "asked").exists)
    assert {"python3", "python3-venv", "nginx"} <= set(host.text("asked").split())
    assert (host.text("settings"), host.text("umask")) == ("settings of apt\n", "0022\n")
    assert host.place.stat().st_mode & 0o777 == 0o600
    host.has(states=READY)
    # apt tells of a package just before dpkg has written it down
    host.tell(THERE)
    assert begun.poll() is None
    host.tell(NEXT)
    assert said(begun) == (0, "")
    assert installing.is_under_way(host.folder) and (host.folder / "policy-rc.d").exists()
    host.tell(NEXT, "end:0")
    installing.wait(host.folder)
    assert not host.place.exists() and not (host.folder / "policy-rc.d").exists()


def test_a_connection_that_breaks_ends_nothing(host: Host) -> None:
    host.has(states=READY)
    begun = host.begin()
    until((host.folder / "asked").exists)
    os.killpg(begun.pid, signal.SIGKILL)
    said(begun)
    host.tell(THERE, NEXT)
    for _ in range(10):
        time.sleep(0.03)
        host.tell(NEXT)
    assert installing.is_under_way(host.folder)
    host.tell("end:0")
    installing.wait(host.folder)
    assert not host.place.exists()


def test_a_python_that_has_no_pip_yet_is_not_enough(host: Host) -> None:
    begun = host.begin()
    host.tell(THERE, NEXT)
    until((host.folder / "looked").exists)
    host.has(states=READY)
    host.tell(NEXT)
    with pytest.raises(subprocess.TimeoutExpired):
        begun.wait(0.3)
    host.tell(PIP_IS_THERE, NEXT)
    assert said(begun) == (0, "")


def test_where_all_is_there_at_once_nothing_is_left_to_wait_for(host: Host) -> None:
    begun = host.begin()
    host.tell("end:0")
    assert said(begun) == (0, "")
    installing.wait(host.folder)
    assert not host.place.exists()


@pytest.mark.parametrize("failing", ["update", "install"])
def test_what_fails_before_a_module_can_run_is_told_at_once(host: Host, failing: str) -> None:
    host.has(update="100\n" if failing == "update" else "0\n")
    begun = host.begin()
    host.tell("end:100")
    status, text = said(begun)
    assert status == 3 and text.startswith("apt-get could not install the packages of this host:\n")
    assert not host.place.exists()


def test_what_fails_later_is_told_to_who_waits_for_it_once(host: Host) -> None:
    host.has(states=READY)
    begun = host.begin()
    host.tell(THERE, NEXT)
    assert said(begun) == (0, "")
    host.tell("end:100")
    with pytest.raises(SlipwayError, match="apt-get could not install the packages of this host"):
        installing.wait(host.folder)
    installing.wait(host.folder)


def test_what_takes_too_long_is_not_waited_for_for_ever(host: Host) -> None:
    host.has(states=READY)
    begun = host.begin()
    host.tell(THERE, NEXT)
    assert said(begun) == (0, "")
    with pytest.raises(SlipwayError, match="still installs the packages of this host after 0 minutes"):
        installing.wait(host.folder, seconds=0)
    assert installing.is_under_way(host.folder)


def test_a_look_meanwhile_waits_until_modules_run(host: Host) -> None:
    look = str(evaluate("base", "{{ __base_bare }}", __base_under_way=str(host.place)))
    begun = host.begin()
    until((host.folder / "asked").exists)
    looking = subprocess.Popen(["sh", "-c", look], stdout=subprocess.PIPE, text=True)
    with pytest.raises(subprocess.TimeoutExpired):
        looking.wait(0.3)
    host.tell("end:0")
    assert said(begun) == (0, "") and said(looking) == (75, "")
    after = subprocess.run(["sh", "-c", look], capture_output=True, text=True)
    assert after.returncode == 3 and not host.place.exists()


def test_the_role_and_the_module_mean_the_same_place() -> None:
    assert evaluate("base", "{{ __base_under_way }}") == f"/{installing.PLACE}"


def test_what_was_killed_is_an_error_too(host: Host) -> None:
    host.place.touch()
    assert not installing.is_under_way(host.folder)
    with pytest.raises(SlipwayError, match="Run this again"):
        installing.wait(host.folder)
    assert not host.place.exists()


def test_uv_is_fetched_meanwhile_and_its_index_is_no_argument(host: Host) -> None:
    own = {"base_fetch_uv": True, "base_download_environment": PROXIES}
    given = str(evaluate("base", "{{ __base_told }}", **own))
    begun = host.begin(given, **own)
    host.tell(PIP_IS_THERE, NEXT)
    until((host.folder / "looked").exists)
    assert not (host.folder / "python-ran").exists()
    host.has(states=PIP)
    host.tell(PIP_IS_THERE, NEXT)
    until((host.folder / "python-ran").exists)
    host.has(states=READY)
    assert begun.poll() is None
    host.tell(THERE, NEXT)
    assert said(begun) == (0, "")
    program = (Path(__file__).parents[3] / "plugins/module_utils/_host/uvfetch.py").read_text()
    assert host.text("python-ran").split("\0") == ["-I", "-c", program.rstrip("\n"), ""]
    assert json.loads(host.text("read")).items() >= PROXIES.items()
    assert f"{host.text('read')}\n{host.text('settings')}" == given
    assert int(host.text("session")) != os.getsid(0)


def test_nothing_is_fetched_where_nobody_tells_how(host: Host) -> None:
    host.has(states=READY)
    begun = host.begin(base_fetch_uv=True)
    host.tell(THERE, NEXT)
    assert said(begun) == (0, "")
    time.sleep(0.3)
    assert not (host.folder / "python-ran").exists()
