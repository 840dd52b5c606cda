# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Import what a server will import, before the tests: one that cannot load the application serves nobody."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.advice import advise
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.wsgi import WsgiTarget
from ansible_collections.slipway.flask.plugins.module_utils._host import import_driver
from ansible_collections.slipway.flask.plugins.module_utils._host.runner import Bench

APPLICATION, WORKERS = "app_wsgi", "celery_app"
SECONDS = 120
LINES = 12
NO_CALLABLE = "\nWhen the application has no WSGI callable and serves by itself, write app_programs: {web: COMMAND}."


def check(bench: Bench, variable: str, target: WsgiTarget, log: Path) -> str:
    """Refuse an address that can never work; return a warning for one that may work with the real environment."""
    driver = bench.driver(import_driver)
    answer = f"import-{variable}.json"
    kinds = ["callable"] if variable == APPLICATION else []
    done = bench.run(
        [bench.python, driver, str(bench.work / "out" / answer), target.module, target.attribute, *kinds],
        SECONDS,
        log,
        {},
    )
    said = _object(bench.answer(answer))
    lines = str(said.get("why", "")).replace(f"{bench.tree}/", "").strip().splitlines()[-LINES:]
    kind = said.get("kind")
    name = f"{variable} {target.module}:{target.attribute}".removesuffix(":__name__")
    if kind in ("missing", "broken"):
        told = "\n".join(f"  {line}" for line in lines)
        raise SlipwayError(
            advise(f"{name} cannot be {'used' if variable == WORKERS else 'served'}:\n{told}")
            + (NO_CALLABLE if kinds and kind == "missing" else "")
        )
    if kind == "raised" and variable == WORKERS:
        return ""  # a worker makes the application as it is imported, and that wants the hosts' environment
    if kind == "raised":
        return f"{name} was not imported; it seems to want the hosts' environment, and they will judge it. {lines[-1]}"
    if kind != "ok":
        ended = f"did not end within {SECONDS} s" if done.timed_out else f"ended the interpreter (status {done.status})"
        return f"{name} was not imported, its import {ended}; the hosts will judge it."
    return ""


def _object(text: bytes | None) -> dict[str, object]:
    try:
        found = json.loads(text or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
