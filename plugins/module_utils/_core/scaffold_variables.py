# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written about the application: what was asked, what was found, and every other name with its default."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.slipway.flask.plugins.module_utils._core.gitsource import split_credentials
from ansible_collections.slipway.flask.plugins.module_utils._core.sight import Clue
from ansible_collections.slipway.flask.plugins.module_utils._core.variables import VARIABLES

EXAMPLE_SOURCE = "https://git.example.org/my-blog.git"
EXAMPLE_NAME = "my-blog"
FILE = "prod/group_vars/all.yml"
RANDOM = "openssl rand -hex 32 | tr -d '\\n' | "
WIDTH = 46
HEAD = """# The application. A misspelt name is an error. What is commented shows its default.
{origin}
---
"""
_PLAIN = re.compile(r"[A-Za-z/][\w./-]*(:[\w./-]+)*( [\w./-]+(:[\w./-]+)*)*", re.ASCII)
_WORDS = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")


@dataclass(frozen=True)
class Asked:
    """What the user said. `source` is empty for a template; `origin` says what was read."""

    name: str
    source: str
    hosts: tuple[str, ...]
    version: str = ""
    domains: tuple[str, ...] = ()
    origin: str = ""

    def read_from(self, origin: str) -> Asked:
        return replace(self, origin=f"Read from {origin}. What is marked GUESS wants a look.")


def render(asked: Asked, clues: Sequence[Clue]) -> str:
    found = {clue.variable: clue for clue in clues if clue.variable not in ("", "app_secrets")}
    lines = [*_asked(asked), *(line for name, clue in found.items() for line in _found(clue))]
    lines += _secrets([clue for clue in clues if clue.variable == "app_secrets"])
    told = {match[1] for match in re.finditer(r"^(?:# )?(\w+):", "\n".join(lines), re.MULTILINE)}
    lines += ["", "# Everything else there is", *(_rest(name) for name in VARIABLES if name not in told)]
    return HEAD.format(origin=f"# {_comment(asked.origin or 'Fill in the first two.')}") + "\n".join(lines) + "\n"


def vault_name(secret: str) -> str:
    return f"vault_{secret.lower()}"


def fill(secret: str) -> str:
    """The command that gives a secret its value: a random one where any will do."""
    made = RANDOM if secret.endswith(("SECRET_KEY", "SALT")) else ""
    return f"{made}ansible-vault encrypt_string --stdin-name {vault_name(secret)} >> {FILE}"


def is_kept(clue: Clue) -> bool:
    """Whether the application will hardly start without this secret."""
    return clue.variable == "app_secrets" and (clue.value == "SECRET_KEY" or "has to be" in clue.said)


def _asked(asked: Asked) -> Iterator[str]:
    source, userinfo = split_credentials(asked.source)
    said = "names folders, users, programs and sockets; it stays for good"
    yield _line("app_name", asked.name or EXAMPLE_NAME, said, bool(asked.name))
    if userinfo:
        yield "# What your URL has before the @ is not written here: use an SSH key or a credential helper."
    yield _line("app_source", source or EXAMPLE_SOURCE, "git URL, or a folder", bool(source))
    if asked.version:
        yield _line("app_version", asked.version, "as you say")
    if asked.domains:
        yield _line("app_domains", list(asked.domains), "as you say")
        alone = len(asked.hosts) == 1  # several hosts cannot each prove that the names are theirs
        yield _line("site_tls", "acme", "Let's Encrypt, once the names lead to the host; or off", alone)


def _found(clue: Clue) -> Iterator[str]:
    """A variable and what it was read from; one without a value waits for a person."""
    said = f"{'found' if clue.sure else 'GUESS'}: {clue.said}" + (f", {clue.where}" if clue.where else "")
    empty = clue.value in (None, {}) or (clue.value == [] and clue.variable != "app_requirements")
    yield _line(clue.variable, VARIABLES[clue.variable].default if empty else clue.value, said, not empty)
    if clue.variable == "app_test" and empty:
        yield "# To ship all the same:  app_test: {enabled: false}  and  gate_untested_allowed: true"


def _secrets(clues: Sequence[Clue]) -> Iterator[str]:
    """Each name with the line that encrypts its value; what the application insists on is not a comment."""
    if not clues:
        return
    yield ""
    yield "# Read from the environment. Nothing stands here in plain text: each line encrypts a value, from standard"
    yield "# input (what is typed ends with Ctrl-D twice), and appends it to this file."
    yield from (f"#   {fill(str(clue.value))}" for clue in clues)
    kept = [clue for clue in clues if is_kept(clue)]
    yield "app_secrets:" if kept else "# app_secrets:"
    for clue in sorted(clues, key=lambda clue: clue not in kept):
        text = f'  {clue.value}: "{{{{ {vault_name(str(clue.value))} }}}}"'
        yield f"{'' if clue in kept else '# '}{text.ljust(WIDTH)}  # found: {_comment(clue.where)}"


def _rest(name: str) -> str:
    variable = VARIABLES[name]
    return _line(name, "" if variable.default is None else variable.default, variable.meaning, given=False)


def _line(name: str, value: object, said: str, given: bool = True) -> str:
    text = f"{'' if given else '# '}{name}: {inline(value)}".rstrip()
    return f"{text.ljust(WIDTH)}  # {_comment(said.rstrip(' ;'))}"


def _comment(text: str) -> str:
    """Names of files are strangers' words: none ends a comment's line."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def inline(value: object) -> str:
    """Plain data on one line; a string in quotes unless it is surely none of YAML's other things."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{inline(key)}: {inline(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(inline(entry) for entry in value) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)
