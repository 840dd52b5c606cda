# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps that run with the interpreter that keeps compiled what they bring along, on a host that had no Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import hosts

from . import inside
from .ground import Ground
from .play import Run
from .project import ROOT
from .tiny import NAME, Tiny

PROGRAM, FOLDER = "/usr/local/lib/slipway/python", "/var/cache/slipway-bytecode"
SOURCE = ROOT / "roles/step_cache/files/python"
OTHERS = str(ROOT / "tests/ship/playbooks/step_cache.yml")
OFF = ("-e", "step_cache=false")
PLANTED = 'print(\'{"ping": "planted", "changed": false}\'); raise SystemExit(0)'
# on a host: replace what is kept for the source on standard input by something that gives itself away
PLANT = f"""import marshal, sys
from _blake2 import blake2b
from importlib.util import MAGIC_NUMBER
python = blake2b(repr((sys.version, MAGIC_NUMBER, 0)).encode()).digest()
key = blake2b(sys.stdin.buffer.read(), key=python, digest_size=32).digest()
data = marshal.dumps(compile({PLANTED!r}, "planted", "exec"))
with open("{FOLDER}/" + key.hex(), "r+b") as file:
    file.truncate()
    file.write(blake2b(data, key=key, digest_size=32).digest() + data)
"""
# on a host: entries whose bytes are not those that were written
DAMAGED = f"""import os
from _blake2 import blake2b
for name in os.listdir("{FOLDER}"):
    found = open("{FOLDER}/" + name, "rb").read()
    if found[:32] != blake2b(found[32:], key=bytes.fromhex(name), digest_size=32).digest():
        print(name)
"""


class Steps(Tiny):
    """A small app on a host of its own, and what the host keeps of steps."""

    def entries(self, folder: str = FOLDER) -> dict[str, str]:
        """Name -> when it was written."""
        found = self.sh(f"find {folder} -type f -printf '%f %T@\\n'").splitlines()
        return {name: at for name, _, at in (line.partition(" ") for line in found)}

    def damaged(self) -> str:
        return inside.sh(self.host, f"python3 - <<'END'\n{DAMAGED}END")

    def forget(self) -> None:
        self.sh(f"rm -rf {FOLDER}")

    def said(self, playbook: str = OTHERS, *arguments: str, **options: Any) -> Run:
        return self.play(playbook, *arguments, **options).good()


@pytest.fixture(scope="module")
def steps(ground: Callable[..., Ground], workshop: Path) -> Iterator[Steps]:
    here = Steps(workshop / "step-cache-of-tiny", ground("step-cache"))
    here.play("site").good()
    yield here


def test_site_brings_it_and_uses_it_at_once(steps: Steps) -> None:
    assert steps.sh(f"stat -c '%a %U %G' {PROGRAM} {FOLDER}").split("\n") == ["755 root root", "700 root root"]
    assert steps.sh(f"cat {PROGRAM}") == SOURCE.read_text().strip()
    assert len(steps.entries()) > 50 and steps.damaged() == ""


def test_an_idle_run_compiles_nothing(steps: Steps) -> None:
    steps.said("site")
    before = inside.state(steps.host), steps.entries()
    again = steps.said("site")
    assert again.changed == 0
    assert inside.difference(before[0], inside.state(steps.host)) == [] and steps.entries() == before[1]


def test_steps_of_every_kind_run_with_it(steps: Steps) -> None:
    steps.forget()
    assert "[pong, joe, nobody, www-data, joe]" in flat(steps.said())
    assert steps.sh("stat -c '%a %U' /home/joe/.cache/slipway-bytecode") == "700 joe"
    assert len(steps.entries("/home/joe/.cache/slipway-bytecode")) > 20
    # whose home is not his own keeps nothing
    assert steps.sh("find / -xdev -name slipway-bytecode | sort").split() == [
        "/home/joe/.cache/slipway-bytecode",
        FOLDER,
    ]


def test_what_is_kept_is_what_runs(steps: Steps) -> None:
    import ansible.modules.ping

    source = Path(ansible.modules.ping.__file__).read_bytes()
    steps.said()
    hosts.execute(steps.host, "python3", "-c", PLANT, stdin=source)
    assert "[planted, joe" in flat(steps.said())
    # off, or with the ordinary Python, nothing of it is looked at
    assert "[pong, joe" in flat(steps.said(OTHERS, *OFF))
    steps.forget()


def test_the_look_at_the_host_uses_it(steps: Steps) -> None:
    steps.forget()
    assert steps.said("test").remote_steps == 1
    assert steps.entries()


def test_off_with_one_variable(steps: Steps) -> None:
    steps.forget()
    assert steps.said("site", *OFF).changed == 0
    assert steps.sh(f"ls -d {FOLDER} 2>/dev/null || true") == ""
    steps.said("site")
    assert steps.entries()


def test_an_older_one_is_replaced(steps: Steps) -> None:
    steps.sh(f"echo '# older' >>{PROGRAM}")
    again = steps.said("site")
    assert again.changed == 1 and "Place the interpreter that keeps it" in again.output
    assert steps.sh(f"cat {PROGRAM}") == SOURCE.read_text().strip()


def test_a_python_of_the_users_own_stays_in_use(steps: Steps) -> None:
    steps.sh("python3 -m venv --system-site-packages /opt/own")
    steps.forget()
    own = steps.said("deploy", extra={"ansible_python_interpreter": "/opt/own/bin/python"})
    assert own.changed == 0 and steps.sh(f"ls -d {FOLDER} 2>/dev/null || true") == ""


def test_damaged_entries_are_made_anew(steps: Steps) -> None:
    steps.said("site")
    kept = steps.entries()
    steps.sh(f"for entry in {FOLDER}/*; do printf damaged | dd of=$entry bs=1 seek=50 conv=notrunc status=none; done")
    assert steps.damaged().split()
    assert steps.said("site").changed == 0
    # but for those that only a run which changes something needs
    left = set(steps.damaged().split())
    assert steps.entries().keys() == kept.keys() and len(left) < len(kept) / 2
    steps.forget()


def test_a_folder_of_somebody_else_is_left_alone(steps: Steps) -> None:
    steps.forget()
    steps.sh(f"install -d -o nobody -m 0700 {FOLDER}")
    assert steps.said("site").changed == 0
    assert steps.entries() == {}
    steps.forget()


def test_two_controllers_at_once(steps: Steps) -> None:
    steps.forget()
    runs = [steps.start("deploy"), steps.start(OTHERS)]
    for run in runs:
        assert run.wait().good()
    assert steps.entries() and steps.damaged() == "" and not [name for name in steps.entries() if "." in name]


def test_it_goes_with_the_last_app(steps: Steps) -> None:
    inside.sh(steps.host, 'mkdir /etc/slipway/other; echo \'{"name": "other"}\' >/etc/slipway/other/app.json')
    gone = {"app_state": "absent", "app_delete_data": NAME}
    steps.said("site", extra=gone)
    assert steps.sh(f"ls -d {PROGRAM} {FOLDER}").split() == [PROGRAM, FOLDER]
    inside.sh(steps.host, "rm -r /etc/slipway/other")
    steps.said("site", "--check", extra=gone)
    assert steps.sh(f"ls -d {PROGRAM} {FOLDER}").split() == [PROGRAM, FOLDER]
    steps.said("site", extra=gone)
    assert steps.sh(f"ls -d {PROGRAM} {FOLDER} 2>/dev/null || true") == ""
    assert steps.said("site", extra=gone).changed == 0


def flat(run: Run) -> str:
    """A list that is shown as YAML, in one line."""
    lines = [line.strip()[2:] for line in run.output.splitlines() if line.strip().startswith("- ")]
    return f"[{', '.join(lines)}]"
