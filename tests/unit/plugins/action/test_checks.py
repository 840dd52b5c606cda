# SPDX-License-Identifier: GPL-3.0-or-later
"""The two actions that look before anything changes, run by Ansible itself; no host is asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.long

COLLECTIONS = Path(__file__).resolve().parents[4] / "build" / "collections"
PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - slipway.flask.check_inventory:
      run_once: true
      check_mode: true
      register: beforehand
    - slipway.flask.check_inventory:
      run_once: true
      register: slipway_inventory
    - ansible.builtin.set_fact: {ansible_facts: "{{ {'slipway': found} }}"}
      delegate_to: localhost
    - slipway.flask.check_hosts:
      run_once: true
      register: slipway_hosts
    - ansible.builtin.copy:
        content: "{{ [beforehand, slipway_inventory, slipway_hosts] | to_json }}"
        dest: "{{ inventory_dir }}/out.json"
      delegate_to: localhost
      run_once: true
"""
FACTS = {
    "distribution": "debian",
    "release": "12",
    "python": "3.11",
    "memory_available_mb": 900,
    "disk_free_mb": {"/srv": 9000, "/var": 9000},
}
STACK = {"nginx_uwsgi": {"hosts": {"web1": {}, "web2": {}}}, "web": {"children": {"nginx_uwsgi": {}}}}
APP = {"app_name": "blog", "app_source": ".", "app_secrets": {"KEY": "hunter2"}, "found": FACTS}


def play(folder: Path, groups: dict[str, Any], variables: dict[str, Any]) -> str:
    """What Ansible says; an inventory in JSON is one in YAML too."""
    (folder / "hosts.yml").write_text(json.dumps({**groups, "all": {**groups.get("all", {}), "vars": variables}}))
    (folder / "play.yml").write_text(PLAY)
    environment = {
        **os.environ,
        "HOME": str(folder),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_DEPRECATION_WARNINGS": "1",
    }
    command = [Path(sys.executable).with_name("ansible-playbook"), "-v", "-i", "hosts.yml", "play.yml"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    said = done.stdout + done.stderr
    assert "slipway" not in "".join(line for line in said.splitlines() if "DEPRECATION" in line)
    return said


def test_a_good_inventory_gives_the_plays_what_they_need(tmp_path: Path) -> None:
    said = play(tmp_path, STACK, APP)
    assert (tmp_path / "out.json").exists(), said
    beforehand, inventory, hosts = json.loads((tmp_path / "out.json").read_text())
    assert beforehand["changed"] and beforehand["gate"]["signers"] == {}
    key = tmp_path / ".config/slipway/gate_key"
    assert inventory["app"]["source"] == str(tmp_path) and inventory["app"]["secrets"] == ["KEY"]
    assert inventory["gate"]["key_file"] == str(key) and key.exists()
    assert (inventory["hosts"], inventory["stacks"]) == (["web1", "web2"], {"nginx_uwsgi": ["web1", "web2"]})
    assert inventory["changed"] and inventory["server_packages"] == ["pyuwsgi"]
    assert inventory["packages"] == {host: ["supervisor", "nginx-light"] for host in ("web1", "web2")}
    assert hosts["untouched"] == []  # they have Python
    assert hosts["signers"] == {inventory["gate"]["signer"]: inventory["gate"]["public_key"]}
    assert hosts["pythons"] == ["3.11"] and not hosts["changed"]
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("groups", "variables", "sentences"),
    [
        (
            {**STACK, "apache_uwsgi": {"hosts": {"web2": {}}}},
            {
                "app_enviroment": {},
                "app_color": "red",
                "app_secrets": {"A": "{{ nope }}"},
                "gate_signers": {"anna": "ssh-ed25519 AAAA"},
            },
            [
                "6 things have to be put right first. Nothing was changed.",
                "web2 is in the groups nginx_uwsgi and apache_uwsgi",
                "Did you mean app_environment?",
                "app_name is missing",
                "app_source is missing",
                "gate_signers does not have this controller's key",
                "app_secrets cannot be read: 'nope' is undefined.",
                "[WARNING]: Is this a slip? slipway.flask reads no such app_ variable: app_color.",
            ],
        ),
        (
            {**STACK, "all": {"hosts": {"web2": {"found": {}}}}},
            {**APP, "found": {**FACTS, "release": "11", "python": ""}},
            [
                "3 things have to be put right first. The app was not touched.",
                "web1: It runs debian 11",
                "web1: It has no /usr/bin/python3.",
                "web2: could not be looked at",
            ],
        ),
    ],
    ids=["inventory", "hosts"],
)
def test_everything_wrong_is_said(
    tmp_path: Path, groups: dict[str, Any], variables: dict[str, Any], sentences: list[str]
) -> None:
    said = play(tmp_path, groups, variables)
    for sentence in sentences:
        assert sentence in " ".join(said.split()), said
    assert not (tmp_path / "out.json").exists() and "hunter2" not in said
