# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of hosts come and go. Docker holds all state: labels say of which set a container is and how it was made."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import docker, images, inventory, keys, machine, ready
from .model import ADMIN, HTTP, HTTPS, SSH, Host, HostsError, HostSet

PREFIX = "slipway-"
MADE_LABEL, DEBIAN_LABEL, USER_LABEL = "slipway.made", "slipway.debian", "slipway.user"
PORTS_LOCK = Path(tempfile.gettempdir(), "slipway-ports.lock")
MAKE_ADMIN = f"""set -e
useradd --create-home --shell /bin/bash {ADMIN}
install -d -o {ADMIN} -g {ADMIN} -m 0700 /home/{ADMIN}/.ssh
install -o {ADMIN} -g {ADMIN} -m 0600 /etc/skel-{ADMIN}.keys /home/{ADMIN}/.ssh/authorized_keys
rm /etc/skel-{ADMIN}.keys
"""


def folder(set_name: str) -> Path:
    """The set's inventory, to be given to `ansible-playbook -i`."""
    return keys.BUILD / set_name


def up(wanted: HostSet) -> list[Host]:
    """The hosts, ready to be logged in to. A set that is up as wanted is taken as it is."""
    image = images.ensure(wanted.debian)
    login_key = keys.ensure(keys.KEY, "slipway test hosts")
    made = hashlib.sha256(repr((wanted, image, login_key)).encode()).hexdigest()[:12]
    if not _is_up(wanted, made):
        down(wanted.name)
        for number in range(1, wanted.count + 1):
            _create(wanted, number, image, made)
    hosts = find(wanted.name)
    for host in hosts:
        ready.wait(host)
    _write_inventory(wanted, hosts)
    return hosts


def down(set_name: str) -> list[str]:
    """Remove the hosts of one set; other containers are never touched."""
    gone = [found["Name"].lstrip("/") for found in docker.containers(set_name)]
    if gone:
        docker.run("rm", "--force", "--volumes", *gone)
    for leftover in (folder(set_name), keys.folder(set_name)):
        shutil.rmtree(leftover, ignore_errors=True)
    return gone


def own_sets() -> list[str]:
    """Sets that this checkout made; another checkout on this machine may have its own."""
    return sorted(path.name for path in keys.KEY.parent.glob("*") if path.is_dir())


def find(set_name: str | None = None) -> list[Host]:
    """The hosts of one set, or all."""
    return [_host(found) for found in docker.containers(set_name)]


def execute(host: Host, *argv: str, stdin: bytes | None = None, check: bool = True) -> docker.Completed:
    """Run a command as root on the host, past SSH."""
    interactive = ("--interactive",) if stdin is not None else ()
    done = docker.command("exec", *interactive, host.container, *argv, stdin=stdin)
    if check and done.returncode:
        raise HostsError(f"{' '.join(argv)} on {host.name}: {done.stderr.decode(errors='replace').strip()}")
    return done


def restart(host: Host) -> None:
    """Reboot: services stop in order, what is on tmpfs is lost, the ports stay."""
    docker.run("restart", "--time=30", host.container)
    ready.wait(host)


def _is_up(wanted: HostSet, made: str) -> bool:
    found = docker.containers(wanted.name)
    as_wanted = [one for one in found if one["State"]["Running"] and one["Config"]["Labels"].get(MADE_LABEL) == made]
    return len(found) == len(as_wanted) == wanted.count and folder(wanted.name).is_dir()


def _ports(wanted: HostSet, number: int) -> dict[int, int]:
    spoken_for = {port for host in find() for port in host.ports.values()}
    ports = dict(wanted.publish) if number == 1 else {}
    taken = [port for port in ports.values() if not ready.is_free(port)]
    if taken:
        raise HostsError(f"Port {taken[0]} of 127.0.0.1 is in use; end what listens there.")
    for inside in (SSH, HTTP, HTTPS, *wanted.extra_ports):
        if inside not in ports:
            ports[inside] = ready.free_port(spoken_for | set(ports.values()))
    return ports


def _create(wanted: HostSet, number: int, image: str, made: str) -> None:
    name = wanted.host_names[number - 1]
    container = PREFIX + name
    labels = {docker.SET_LABEL: wanted.name, MADE_LABEL: made, DEBIAN_LABEL: wanted.debian, USER_LABEL: wanted.user}
    words = {key: str(value) for key, value in labels.items()}
    with PORTS_LOCK.open("w") as lock:
        # between the choice of a port and the container that keeps it, another of our processes could choose the same
        fcntl.flock(lock, fcntl.LOCK_EX)
        docker.run(*docker.create_argv(container, name, image, _ports(wanted, number), words))
    host_key = keys.folder(wanted.name) / name
    keys.ensure(host_key, name)
    files = keys.first_files(wanted, keys.ensure(keys.KEY, ""), host_key.read_text())
    docker.run("cp", "-", f"{container}:/", stdin=keys.archive(files))
    docker.run("start", container)
    if wanted.login == "sudo":
        docker.run("exec", "--interactive", container, "sh", stdin=MAKE_ADMIN.encode())


def _host(found: Mapping[str, Any]) -> Host:
    container = found["Name"].lstrip("/")
    labels = found["Config"]["Labels"]
    bound: Mapping[str, Sequence[Mapping[str, str]]] = found["HostConfig"]["PortBindings"]
    ports = sorted((int(inside.split("/")[0]), int(outside[0]["HostPort"])) for inside, outside in bound.items())
    name, debian = container.removeprefix(PREFIX), int(labels[DEBIAN_LABEL])
    return Host(name, container, labels[USER_LABEL], debian, dict(ports))


def _write_inventory(wanted: HostSet, hosts: Sequence[Host]) -> None:
    here = folder(wanted.name)
    known_hosts = keys.folder(wanted.name) / "known_hosts"
    public = [(host, keys.ensure(known_hosts.with_name(host.name), host.name)) for host in hosts]
    known_hosts.write_text(keys.known_hosts(public))
    variables = inventory.connection(wanted, keys.KEY, known_hosts) | machine.inventory_variables()
    inventory.write(here, {"hosts.yml": inventory.hosts(wanted, hosts), "group_vars/all.yml": variables})
