# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The activations that lie on this host: reading one, and removing those nobody goes back to."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.attestation import LOCK_NAME
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.ledger import kept, trimmed
from ansible_collections.slipway.flask.plugins.module_utils._core.lockfile import pins
from ansible_collections.slipway.flask.plugins.module_utils._core.release import Wanted
from ansible_collections.slipway.flask.plugins.module_utils._host import state
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App
from ansible_collections.slipway.flask.plugins.module_utils._host.health import Site


def read_wanted(app: App, activation: str, leader: bool) -> tuple[Wanted, Site]:
    """An activation as it lies on this host."""
    about = state.read(app.layout.activations / activation / "activation.json")
    if about is None:
        raise SlipwayError(
            f"There is no activation {activation} of {app.layout.name} on this host. Run the deploy again."
        )
    wanted = Wanted(
        release=about["release"],
        activation=activation,
        venv=about["venv"],
        digests=app.digests,
        leader=leader,
        init_commands=tuple(about["init_commands"]),
        migrate_commands=tuple(about["migrate_commands"]),
    )
    return wanted, Site(about["health_path"], about["host"], app.front.scheme)


def facts(app: App, release: str) -> dict[str, Any]:
    """What was written down about a release when it was made: its commit, its tests and what it consists of."""
    found: dict[str, Any] = state.read(app.layout.releases / release / "release.json") or {}
    return found


def contents(app: App, activation: str | None) -> dict[str, Any] | None:
    """What a release was made from, for comparison with the next one: its commit and its packages."""
    about = state.read(app.layout.activations / activation / "activation.json") if activation else None
    if about is None:
        return None
    folder = Path(app.layout.releases) / about["release"]
    lock = (folder / LOCK_NAME).read_text(encoding="utf-8")
    return {"commit": facts(app, about["release"])["commit"], "pins": pins(lock)}


def secret_values(app: App, activation: str) -> set[str]:
    """What must not appear in any message about this activation."""
    folder = app.layout.activations / activation
    about, environment = state.read(folder / "activation.json"), state.read(folder / "environment.json")
    if not about or not environment:
        return set()
    return {environment[name] for name in about["secret_names"] if environment.get(name)}


def masked(app: App, activation: str, text: str) -> str:
    """A message that may go into a file: without what is secret in this activation."""
    for value in sorted(secret_values(app, activation), key=len, reverse=True):
        text = text.replace(value, "********")
    return text


def prune(app: App, venvs: bool = True) -> None:
    """Keep what can be gone back to, and nothing else; a failed run keeps `venvs`, since its repair needs them."""
    layout = app.layout
    ledger = state.ledger(layout)
    keep = set(kept(ledger, state.linked(layout.current), app.keep))
    Path(layout.candidate).unlink(missing_ok=True)
    used: dict[str, set[str]] = {"activations": keep, "releases": set(), "venvs": set()}
    for activation in keep:
        about = state.read(layout.activations / activation / "activation.json")
        if about:
            used["releases"].add(about["release"])
            used["venvs"].add(about["venv"])
    for kind, names in used.items():
        if kind == "venvs" and not venvs:
            continue
        for path in Path(layout.root / kind).iterdir():
            if path.name not in names:
                _remove(path)
    state.write_ledger(layout, trimmed(ledger, sorted(keep)))


def _remove(path: Path) -> None:
    """The name goes first: what is half removed must not pass for something finished."""
    gone = path.with_name(f".{path.name.lstrip('.')}")
    if gone != path:
        shutil.rmtree(gone, ignore_errors=True)
        path.rename(gone)
    shutil.rmtree(gone)
