# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names of releases, environments and virtual environments: digests of what they are made of.

The same inputs give the same name on every run, so that a deploy which was killed finds its own work
again. Secret values enter through a key that never leaves the host: a name in a world-readable folder
must not let anybody try out guesses.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


@dataclass(frozen=True)
class AppFile:
    """A file of `app_files`: its path in the release and what stands in it."""

    path: str
    content: str = field(repr=False)
    secret: bool = False
    mode: str = "0644"


@dataclass(frozen=True)
class Recipe:
    """Everything a release is made of."""

    commit: str
    artifact: str
    lock: str
    python: str
    wsgi: str
    files: tuple[AppFile, ...] = ()
    build_commands: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    install_project: bool = False


@dataclass(frozen=True)
class Setting:
    """Everything an activation adds to a release. `environment` holds the secrets too."""

    environment: Mapping[str, str] = field(repr=False)
    init_commands: tuple[str, ...] = ()
    migrate_commands: tuple[str, ...] = ()
    health_path: str = "/"
    host: str = "localhost"
    programs: Mapping[str, str] = field(default_factory=dict)


def venv_key(lock: str, python: str) -> str:
    return f"{python}-{lock[:16]}"


def release_id(recipe: Recipe, salt: bytes) -> str:
    """`<commit>-<digest>`: readable for people, different whenever any part differs."""
    files: list[Json] = [[file.path, _keyed(salt, file.content), file.secret, file.mode] for file in recipe.files]
    parts: Json = [
        recipe.artifact,
        recipe.lock,
        recipe.python,
        recipe.wsgi,
        *sorted(files, key=str),
        recipe.build_commands,
        sorted(recipe.shared),
        recipe.install_project,
    ]
    return f"{recipe.commit[:12]}-{_digest(parts)[:8]}"


def activation_id(release: str, setting: Setting, salt: bytes) -> str:
    parts: Json = [
        _keyed(salt, canonical(dict(setting.environment))),
        setting.init_commands,
        setting.migrate_commands,
        setting.health_path,
        setting.host,
        dict(setting.programs),
    ]
    return f"{release}.{_digest(parts)[:8]}"


def canonical(value: Json) -> str:
    """One spelling of a JSON value, so that equal values have equal digests."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _keyed(salt: bytes, text: str) -> str:
    return hmac.new(salt, text.encode(), hashlib.sha256).hexdigest()


def _digest(value: Json) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()
