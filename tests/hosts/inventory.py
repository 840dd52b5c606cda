# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory of a set: where its hosts are and how to log in, nothing about what they shall run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from .model import SSH, STACKS, Host, HostsError, HostSet

HEADER = "# Written by tests/hosts; goes away with its hosts.\n---\n"


def yaml(value: object, indent: int = 0) -> str:
    """Plain data as YAML; strings as JSON writes them, which YAML reads. Saves the harness a dependency."""
    pad = "  " * indent
    if isinstance(value, Mapping) and value:
        lines = []
        for key, entry in value.items():
            nested = isinstance(entry, Mapping | list) and entry
            lines.append(f"{pad}{key}:" + (f"\n{yaml(entry, indent + 1)}" if nested else f" {yaml(entry)}"))
        return "\n".join(lines)
    if isinstance(value, list) and value:
        return "\n".join(f"{pad}- {json.dumps(entry)}" for entry in value)
    return json.dumps(value)


def hosts(wanted: HostSet, found: Iterable[Host]) -> dict[str, object]:
    """Content of hosts.yml: every group holds its hosts, every stack is a child of `web`."""
    addresses = {host.name: {"ansible_host": "127.0.0.1", "ansible_port": host.ports[SSH]} for host in found}
    stacks: dict[str, object] = {name: {} for name in wanted.groups if name in STACKS}
    children: dict[str, object] = {name: {"hosts": _members(wanted, name)} for name in wanted.groups}
    if stacks:
        children["web"] = {"children": stacks}
    return {"all": {"hosts": addresses, "children": children}}


def _members(wanted: HostSet, group: str) -> dict[str, object]:
    numbers = wanted.groups[group] or range(1, wanted.count + 1)
    if any(number not in range(1, wanted.count + 1) for number in numbers):
        raise HostsError(f"Group {group} wants a host that the set {wanted.name} with {wanted.count} has not.")
    return {wanted.host_names[number - 1]: {} for number in numbers}


def connection(wanted: HostSet, key: Path, known_hosts: Path) -> dict[str, object]:
    """The half of group_vars/all.yml that every set has."""
    return {
        "ansible_user": wanted.user,
        "ansible_ssh_private_key_file": str(key),
        "ansible_ssh_common_args": f"-o UserKnownHostsFile={known_hosts} -o IdentitiesOnly=yes",
        "ansible_python_interpreter": "/usr/bin/python3",
    }


def write(folder: Path, content: Mapping[str, object]) -> None:
    """Each entry of `content` is a file below `folder`."""
    for name, data in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{HEADER}{yaml(data)}\n")
