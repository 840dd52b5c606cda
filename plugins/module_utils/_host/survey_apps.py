# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The apps that live on a host, from the files that setup and release left.

Of environments only names are told: they hold secrets.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout
from ansible_collections.slipway.flask.plugins.module_utils._host import venv
from ansible_collections.slipway.flask.plugins.module_utils._host.tolerant import document, names, text


def apps(root: Path) -> dict[str, dict[str, Any]]:
    folder = root / "etc/slipway"
    described = ((name, document(folder / name / "app.json")) for name in names(folder))
    return {name: _app(root, name, config) for name, config in described if isinstance(config, dict)}


def _app(root: Path, name: str, config: dict[str, Any]) -> dict[str, Any]:
    layout = Layout.of(name, config.get("root"))
    state, settings = _below(root, layout.state), _below(root, layout.config)
    programs, services = names(settings / "programs"), _below(root, layout.services)
    return {
        "config": config,
        "current": document(_below(root, layout.current) / "activation.json"),
        "lock": document(state / "lock.json"),
        "ledger": document(state / "ledger.json"),
        "initialised": bool((document(state / "markers.json") or {}).get("initialised")),
        "front": document(settings / "site.json"),
        "services": sorted({name for file in names(services) for name in document(services / file) or {}}),
        "environments": sorted(venv.present(_below(root, layout.venvs))),
        "signers": text(settings / "signers"),
        "programs": {file.removesuffix(".json"): document(settings / "programs" / file) for file in programs},
    }


def _below(root: Path, path: object) -> Path:
    return root / str(path).lstrip("/")
