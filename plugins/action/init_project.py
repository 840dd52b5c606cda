# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Begin a project: write the few files that shipping an app needs into the user's folder. Runs on the controller."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import yaml
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core import scaffold
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.gitsource import is_url, mask
from ansible_collections.slipway.flask.plugins.module_utils._core.scaffold_variables import Asked
from ansible_collections.slipway.flask.plugins.module_utils._core.sight import Clue
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import listing
from ansible_collections.slipway.flask.plugins.module_utils._host import beginning, gatecache

COLLECTION = Path(__file__).resolve().parents[2]
KEPT = "Nothing was written."


class ActionModule(ActionBase):
    """The working directory of an action is the user's own; that of a module would be inside the collection."""

    _requires_connection = False
    _VALID_ARGS = frozenset({"app", "source", "version", "subdir", "host", "domain", "folder"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        given = {name: str(value or "") for name, value in self._task.args.items()}
        try:
            return result | _begin(given, check=self._task.check_mode)
        except SlipwayError as error:
            return result | {"failed": True, "msg": str(error)}


def _begin(given: dict[str, str], check: bool) -> dict[str, Any]:
    folder = Path(given.get("folder", "")).expanduser().absolute()
    asked = _asked(given)
    there = [f"{name} exists in {folder}, and nothing is overwritten." for name in beginning.taken(folder, _names())]
    wrong = [*scaffold.problems(asked), *there]
    if there:
        wrong.append("Type it in an empty folder, or name one: -e folder=NEW_FOLDER.")
    if wrong:
        raise SlipwayError(listing(wrong, KEPT))
    clues: list[Clue] = []
    if asked.source:
        cache = gatecache.GateCache(gatecache.default_root(), asked.name)
        version = asked.version or "HEAD"
        commit, clues = beginning.look(asked.source, version, given.get("subdir") or None, cache)
        asked = asked.read_from(f"{mask(asked.source)} at {commit.commit[:12]}")
    files = scaffold.files(asked, clues, _version())
    if not check:
        beginning.write(folder, files)
    shown = "".join(f"--- {name}\n{text}" for name, text in files.items())
    told = {"found": scaffold.report(clues), "next": scaffold.advice(asked, clues)}
    return {
        "changed": True,
        "folder": str(folder),
        "files": list(files),
        "diff": {"before": "", "after": shown},
        **told,
    }


def _names() -> dict[str, str]:
    return scaffold.files(Asked("", "", ()), [], "")


def _asked(given: dict[str, str]) -> Asked:
    source = given.get("source", "")
    if source and not is_url(source):
        source = os.path.abspath(Path(source).expanduser())
    name = given.get("app") or scaffold.name_of(source)
    if source and not name:
        raise SlipwayError(f"No name for the app can be made of {mask(source)}. Give one: -e app=my-blog. {KEPT}")
    hosts, domains = (tuple(given.get(key, "").replace(",", " ").split()) for key in ("host", "domain"))
    return Asked(name, source, hosts, given.get("version", ""), domains)


def _version() -> str:
    """The collection's own: an installed one has a manifest, a checkout what the manifest is made from."""
    manifest = COLLECTION / "MANIFEST.json"
    if manifest.exists():
        return str(json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"])
    return str(yaml.safe_load((COLLECTION / "galaxy.yml").read_text(encoding="utf-8"))["version"])
