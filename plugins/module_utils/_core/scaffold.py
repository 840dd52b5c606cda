# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a new user's project, written from what was asked and what was found."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ansible_collections.slipway.flask.plugins.module_utils._core.app_rules import RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.scaffold_variables import (
    FILE,
    Asked,
    fill,
    inline,
    is_kept,
    render,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.sight import Clue

EXAMPLE_HOST = "web1.example.org"
VAULT_PASSWORD = (
    "(umask 077; mkdir -p ~/.config/slipway; set -C; openssl rand -hex 32 > ~/.config/slipway/vault_password)"
)
LOCAL = ("localhost", "127.0.0.1", "::1")  # names of the controller, whatever an inventory means by them

SITE = """# ansible-playbook site.yml -i prod             bare hosts -> live application; safe to run again
# Also by name, with -i prod: slipway.flask.deploy, test, status, rollback, unlock. All take --limit, --check, --diff.
---
- name: Ship the application
  import_playbook: slipway.flask.site
"""
CONFIG = """[defaults]
host_key_checking = true
callbacks_enabled = slipway.flask.steps
callback_result_format = yaml
forks = 20
nocows = true
# The password of ansible-vault, in a file that only you can read (or type --ask-vault-pass).
{vault}vault_password_file = ~/.config/slipway/vault_password

[connection]
pipelining = true

[ssh_connection]
ssh_args = -o ControlMaster=auto -o ControlPersist=60s -o ServerAliveInterval=15
retries = 2
"""
REQUIREMENTS = """# ansible-galaxy collection install -r requirements.yml
---
collections:
  - name: slipway.flask
    version: {version}
"""
HOSTS = """# Which hosts there are. A host's group says what it runs; a web host stands in one stack group.
# Log in as root, or as a user with sudo.
---
nginx_uwsgi:
  hosts:
{hosts}
web:
  children:
    nginx_uwsgi:

all:
  vars:
    ansible_user: root
    ansible_python_interpreter: /usr/bin/python3
"""
_HOST = re.compile(r"(?:([a-z_][a-z0-9_.-]*)@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")


def files(asked: Asked, clues: Sequence[Clue], version: str) -> dict[str, str]:
    """Path -> content of everything that is written."""
    hosts = (_host(number, text) for number, text in enumerate(asked.hosts or (EXAMPLE_HOST,), 1))
    return {
        "site.yml": SITE,
        "ansible.cfg": CONFIG.format(vault="" if any(map(is_kept, clues)) else "# "),
        "requirements.yml": REQUIREMENTS.format(version=version),
        "prod/hosts.yml": HOSTS.format(hosts="\n".join(hosts)),
        FILE: render(asked, clues),
    }


def problems(asked: Asked) -> list[str]:
    """What is wrong with what the user said, before anything is read."""
    given = {"app_name": asked.name, "app_source": asked.source, "app_version": asked.version}
    found = [text for name, value in given.items() if value for text in RULES[name](name, value)]
    found += RULES["app_domains"]("app_domains", asked.domains)
    wrong = (host for host in asked.hosts if not _HOST.fullmatch(host))
    return found + [f"host is {host!r}: write web1.example.org, or user@web1.example.org:2222." for host in wrong]


def report(clues: Sequence[Clue]) -> list[str]:
    """What was found and what was guessed, a line each."""
    return [_told(clue) for clue in clues]


def advice(asked: Asked, clues: Sequence[Clue]) -> list[str]:
    """What to type next, in order."""
    secret = [str(clue.value) for clue in clues if is_kept(clue)]
    steps = [] if asked.source else [f"write app_name and app_source into {FILE}"]
    steps += [] if asked.hosts else ["write your hosts into prod/hosts.yml"]
    steps += [f"look at what is marked GUESS in {FILE}"] if any(not clue.sure for clue in clues) else []
    steps += [VAULT_PASSWORD] if secret else []
    steps += [fill(name) for name in secret]
    return [f"Next: {step}" for step in [*steps, "ansible-playbook site.yml -i prod"]]


def _told(clue: Clue) -> str:
    word = "Found" if clue.sure else "Guessed"
    value = f" {clue.variable}: {inline(clue.value)}" if clue.variable and clue.value not in (None, {}) else ""
    return f"{word}{value or ''} ({clue.said}{', ' + clue.where if clue.where else ''})"


def name_of(source: str) -> str:
    """A name for the app, from the last part of where it comes from; empty where none fits."""
    last = re.split(r"[/:]", source.rstrip("/").removesuffix(".git").rstrip("/"))[-1].lower()
    fit = re.sub(r"[^a-z0-9]+", "-", last).strip("-0123456789")[:24].strip("-")
    return fit if fit and not list(RULES["app_name"]("app_name", fit)) else ""


def _host(number: int, text: str) -> str:
    """A host by its name; by an alias where Ansible would take the name for the controller."""
    found = _HOST.fullmatch(text)
    user, host, port = found.groups() if found else (None, text, None)
    host = host.strip("[]")
    name = f"web{number}" if host in LOCAL else host
    options = {"ansible_host": host if name != host else "", "ansible_user": user, "ansible_port": int(port or 0)}
    given = {key: value for key, value in options.items() if value}
    return f"    {inline(name)}:" + (f" {inline(given)}" if given else "")
