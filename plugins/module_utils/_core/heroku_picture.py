# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an app on Heroku is shown: before and after a run, and to whoever goes on with it."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_app import (
    Addon,
    Found,
    Row,
    Wanted,
    blank,
    changes,
)


def strangers(wanted: Wanted, found: Found | None) -> list[str]:
    """Add-ons that nobody here asked for."""
    services = {entry.partition(":")[0] for entry in wanted.addons}
    return [
        f"{addon.name} ({addon.plan})" for addon in (found.addons if found else ()) if addon.service not in services
    ]


def picture(found: Found | None, patch: Mapping[str, str | None] | None = None) -> str:
    """The app as text. Of config vars the names alone; `patch` marks those that are about to get another value."""
    if found is None:
        return ""
    lines = [f"stack: {found.stack}", *(f"addon: {addon.plan}" for addon in found.addons)]
    lines += [f"config: {name}{' (another value)' if name in (patch or {}) else ''}" for name in sorted(found.config)]
    return "".join(f"{line}\n" for line in lines)


def after(wanted: Wanted, found: Found | None) -> Found:
    """The app once the plan was applied."""
    there = found or blank(wanted)
    services = {entry.partition(":")[0]: entry for entry in wanted.addons}
    kept = [Addon(one.name, services.pop(one.service, one.plan), one.state, one.owns) for one in there.addons]
    new = [Addon("", entry, "provisioned") for entry in services.values()]
    merged = {**there.config, **changes(wanted, there)}
    config = {name: value for name, value in merged.items() if value is not None}
    return Found(there.region, there.team, wanted.stack, (*kept, *new), config)


def shown(app: Row) -> dict[str, str]:
    """What others want to know of the app."""
    if not app:
        return {}
    stack = app.get("build_stack") or app["stack"]
    named = {"stack": stack["name"], "region": app["region"]["name"]}
    return {**{name: app[name] for name in ("name", "id", "web_url", "git_url")}, **named}
