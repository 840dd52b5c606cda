# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a controller asks a host to prepare: the module's arguments as one typed value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.identity import (
    AppFile,
    Recipe,
    Setting,
    activation_id,
    release_id,
    venv_key,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.release import Wanted


@dataclass(frozen=True)
class Request:
    """A release to make and an environment for it; build commands see only the `public` part of it."""

    recipe: Recipe
    setting: Setting
    public: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    leader: bool = True

    def wanted(self, salt: bytes, digests: Mapping[str, str]) -> Wanted:
        """The names that all of it has on a host with this salt and these programs."""
        release = release_id(self.recipe, salt)
        return Wanted(
            release=release,
            activation=activation_id(release, self.setting, salt),
            venv=venv_key(self.recipe.lock, self.recipe.python),
            digests=digests,
            leader=self.leader,
            init_commands=self.setting.init_commands,
            migrate_commands=self.setting.migrate_commands,
        )


def read(asked: Mapping[str, Any], hidden: Mapping[str, Any], leader: bool, told: Mapping[str, str]) -> Request:
    """From the options `request` and `secrets` of the release module, and what the host was told of its services."""
    plain = asked.get("environment", {})
    files = [AppFile(path, **row) for path, row in asked.get("files", {}).items()]
    secret = [AppFile(path, text, secret=True) for path, text in hidden.get("files", {}).items()]
    recipe = Recipe(
        **asked["record"],
        wsgi=asked["wsgi"],
        files=(*files, *secret),
        build_commands=tuple(asked.get("build_commands", ())),
        shared=tuple(asked.get("shared", ())),
    )
    setting = Setting(
        environment={**told, **plain, **hidden.get("environment", {})},
        init_commands=tuple(asked.get("init_commands", ())),
        migrate_commands=tuple(asked.get("migrate_commands", ())),
        health_path=asked["health_path"],
        host=asked["host"],
        programs=asked.get("programs", {}),
    )
    return Request(recipe, setting, public=plain, facts=asked.get("facts", {}), leader=leader)
