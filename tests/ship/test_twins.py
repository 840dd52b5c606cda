# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps give the same answers and leave the same host with the interpreter that keeps them compiled, and without it.

Two equal hosts get the same calls of modules, the ones of twins/calls.yml. What two runs can never have alike, on
whatever Python, is taken out before they are compared: times, numbers of processes and files, names of temporary files,
and what one host is called.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import hosts

from . import inside
from .ground import Ground
from .project import ROOT
from .test_step_cache import FOLDER, PROGRAM, SOURCE

CALLS = ROOT / "tests/ship/twins/calls.yml"
PG_HBA = "community.postgresql.postgresql_pg_hba"  # reads a file
Call = tuple[str, Mapping[str, Any]]

# what Python keeps in sets shall come out in one order
SETTINGS = {"PYTHONHASHSEED": "0"}
# keys of results, at any depth
OF_THEIR_OWN = re.compile(
    r"([acm]time|inode|dev|start|end|delta|elapsed|date|date_time|uptime_seconds|ansible_job_id|last_modified|expires"
    r"|.*_(mb|mt|available|free|used|total)|loadavg|processor.*|.*uuid.*|.*ipv[46].*|.*macaddress|machine_id"
    r"|ssh_host_key.*|hardware.*|fibre.*|iscsi.*|interfaces|eth\d.*|.*memory.*|swap.*|mounts|devices|device_links"
    r"|env|pids?|listeners|addresses|disk_free_mb|entropy.*|locally_reachable_ips|_facts_gathered"
    r"|cache_update_time|execution_time_ms|.*Monotonic|.*PID|ControlGroup.*|InvocationID|.*(Memory|CPU|Tasks|IO|IP)(Current|Usage|Peak|Available).*)"
)
# whose order systemd leaves open
SETS = re.compile(r"After|Before|Requires|Wants|Conflicts|IPAddress(Allow|Deny)|\w+By|Names|TriggeredBy|Triggers")
# within texts
SAYINGS = (
    (re.compile(r"twins[\w-]*?-[12]"), "HOST"),
    (re.compile(r"172\.17\.\d+\.\d+"), "ADDRESS"),
    (
        re.compile(
            r"(/\.ansible/tmp/|\.ansible_tmp|_payload_|/tmp/tmp|/ansible\.(?=\w{8}\b)|temporary-|/tmp\.ci/)[\w./-]+"
        ),
        "TMP",
    ),
    (re.compile(r"\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~"), ".BACKUP"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]*Z?"), "TIME"),
    (re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \w+"), "TIME"),
    (re.compile(r"0x[0-9a-f]{6,}|pipe:\[\d+\]|pid=\d+"), "NUMBER"),
    (re.compile(r" in \d+s \([^)]*B/s\)"), " in TIME"),
)
# what services, package managers and the hosts themselves write, keys of their own, and times in files
LEAVE = (
    *("/var/log", "/var/cache", "/var/lib/apt", "/var/lib/dpkg", "/var/lib/systemd", "/var/lib/postgresql", "/var/tmp"),
    *("/etc/ssh", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/machine-id", "/root/.ansible", "/tmp"),
    *("/etc/ssl", "/var/spool/cron", "/srv/twin/dump.sql"),
    *("/etc/ld.so.cache", "/srv/twin/clone/.git/index", "/srv/twin/clone/.git/logs", "/srv/twin/repository/.git/index"),
)
# ends by itself when nobody has asked it for a while
IDLES = r"systemd-(hostnamed|timedated|localed)"
STATE = f"""
cd /; prune="-false {" ".join(f"-o -path {path}" for path in LEAVE)}"
find / -xdev \\( $prune -o -name __pycache__ \\) -prune -o -printf '%p %y %#m %u %g %l\\n'
find / -xdev \\( $prune -o -name __pycache__ \\) -prune -o -type f -size -4M -exec sha256sum {{}} +
getent passwd; getent group; cut -d: -f1,2 /etc/shadow; dpkg-query -W -f '${{Package}} ${{Version}} ${{Status}}\\n'
systemctl list-unit-files --plain --no-legend --no-pager
systemctl list-units --type=service --state=active --plain --no-legend --no-pager | awk '!/^{IDLES}/ {{print $1, $3}}'
crontab -l 2>/dev/null; iptables -S 2>/dev/null; true
"""


def calls(*, soak: bool) -> Iterator[Call]:
    seen = set()
    for row in yaml.safe_load(CALLS.read_text()):
        for module, arguments in (row.get("soak", {}) if "soak" in row else row).items():
            for own in arguments if soak else arguments[:1]:
                if soak or ("soak" not in row and module not in seen):
                    yield module, own
            seen.add(module)


def playbook(chosen: list[Call], place: Path, mode: str) -> list[dict[str, Any]]:
    """Each call, also behind one that fails, and then what all of them returned."""
    tasks: list[dict[str, Any]] = [
        {
            "block": [{"name": f"{number} {module}", module: own, "register": f"call_{number}"}],
            "rescue": [{"ansible.builtin.meta": "noop"}],
        }
        for number, (module, own) in enumerate(chosen)
    ]
    names = [f"call_{number}" for number in range(len(chosen))]
    keep = {
        "content": "{{ query('ansible.builtin.vars', *names) | to_json }}",
        "dest": str(place) + f"/{mode}-{{{{ inventory_hostname }}}}.json",
    }
    tasks.append({"ansible.builtin.copy": keep, "delegate_to": "localhost", "check_mode": False, "diff": False})
    # the look of the collection would find the interpreter on both
    variables = {"names": names, "place": str(place), "step_cache": False}
    # root is a user of the database, too
    asking = {module for module, _ in chosen if module.startswith("community.postgresql.")} - {PG_HBA}
    defaults = {module: {"login_user": "root"} for module in asking}
    return [
        {
            "hosts": "web",
            "gather_facts": False,
            "module_defaults": defaults,
            "vars": variables,
            "environment": SETTINGS,
            "tasks": tasks,
        }
    ]


def alike(value: Any) -> Any:
    """Without what is different on any two hosts."""
    if isinstance(value, dict):
        kept = [key for key in value if not OF_THEIR_OWN.fullmatch(key.removeprefix("ansible_"))]
        return {key: sorted(value[key].split()) if SETS.fullmatch(key) else alike(value[key]) for key in kept}
    if isinstance(value, list):
        found = [alike(one) for one in value]
        # files as their folder happens to have them
        return sorted(found, key=str) if found and isinstance(found[0], dict) and "path" in found[0] else found
    if isinstance(value, str):
        for pattern, word in SAYINGS:
            value = pattern.sub(word, value)
    return value


class Twins:
    """Two equal hosts. Steps run with the ordinary Python on the first, with the cached one on the second."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        for host in ground.hosts:
            inside.sh(host, "apt-get -qq update && apt-get -qqy install --no-install-recommends python3 python3-apt")
            hosts.execute(host, "install", "-D", "/dev/stdin", PROGRAM, stdin=SOURCE.read_bytes())
        path = ground.where / "hosts.yml"
        content = yaml.safe_load(path.read_text())
        content["all"]["hosts"][ground.hosts[1].name]["ansible_python_interpreter"] = PROGRAM
        path.write_text(yaml.safe_dump(content))

    def answers(self, chosen: list[Call], mode: str, *arguments: str) -> list[list[Any]]:
        """What each host said to each call."""
        path = self.ground.folder / "twins" / f"{mode}.yml"
        path.parent.mkdir(exist_ok=True)
        for name in ("calls.yml", "words.j2", "words.sh"):
            (path.parent / name).write_bytes(CALLS.with_name(name).read_bytes())
        path.write_text(json.dumps(playbook(chosen, path.parent, mode)))
        self.ground.play(str(path), *arguments, limit=1500).good()
        return [json.loads((path.parent / f"{mode}-{host.name}.json").read_text()) for host in self.ground.hosts]

    def differences(self, chosen: list[Call], mode: str, *arguments: str) -> list[str]:
        """What is not the same: of the answers, and then of the hosts."""
        found = []
        for call, one, other in zip(chosen, *self.answers(chosen, mode, *arguments), strict=True):
            ordinary, cached = (json.dumps(alike(said), sort_keys=True, indent=1).splitlines() for said in (one, other))
            if ordinary != cached:
                found.append("\n".join([f"{mode} {call}", *inside.difference(ordinary, cached)]))
        return found + inside.difference(*self.states())

    def states(self) -> list[set[str]]:
        return [{alike(line) for line in inside.sh(host, STATE).splitlines()} for host in self.ground.hosts]


@pytest.fixture(scope="module")
def twins(ground: Callable[..., Ground]) -> Twins:
    return Twins(ground("twins", 2))


def test_one_call_of_each_module(twins: Twins) -> None:
    chosen = list(calls(soak=False))
    assert len({module for module, _ in chosen}) > 60
    assert not (found := twins.differences(chosen, "short")), "\n".join(found)
    ordinary, cached = (inside.names(host, FOLDER) for host in twins.ground.hosts)
    assert ordinary == set() and len(cached) > 100


@pytest.mark.soak
def test_all_calls_first_and_again_and_in_check_mode(twins: Twins) -> None:
    chosen = list(calls(soak=True))
    assert len(chosen) >= 200
    for mode, *arguments in (("first", "--diff"), ("again", "-vvv"), ("check", "--check", "--diff")):
        assert not (found := twins.differences(chosen, mode, *arguments)), "\n".join(found)
