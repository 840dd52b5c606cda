# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be known to be wrong with an app on Heroku before anything is changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_app import NOTE, Found, Wanted
from ansible_collections.slipway.flask.plugins.module_utils._core.nearness import nearest
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import kind, some

NAME = re.compile(r"[a-z][a-z0-9-]{1,28}[a-z0-9]")
ADDON = re.compile(r"[a-z0-9][a-z0-9-]*:[a-z0-9][a-z0-9-]*")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PLATFORMS_OWN = ("PORT", "DYNO", "PS")
CONFIG_BYTES = 64 * 1024
HERE = ("127.0.0.1", "localhost")


@dataclass(frozen=True)
class Catalogue:
    """What the platform has to give. `plans` of a service that it does not have are None."""

    regions: Sequence[str] = ()
    stacks: Sequence[str] = ()
    services: Sequence[str] = ()
    plans: Mapping[str, Sequence[str] | None] = field(default_factory=dict)


def judge_access(label: str, url: str, key: str) -> Iterator[str]:
    """Where and as whom the platform is asked."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        yield f"{label} is {url!r}: write https://HOST."
    elif parts.scheme == "http" and parts.hostname not in HERE:
        yield f"{label} is {url!r}: the API key would travel readable. Write https://."
    if not key.strip():
        yield (
            "api_key is empty. Make one with `heroku authorizations:create`, and keep it in a vault as heroku_api_key,"
            " or in HEROKU_API_KEY."
        )


def judge_name(name: str) -> Iterator[str]:
    if not NAME.fullmatch(name):
        yield f"app is {name!r}: write 3 to 30 small letters, digits and dashes, a letter first and no dash last."


def judge_wishes(addons: Sequence[str], config: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong whatever the platform says. Values of config vars are never shown."""
    for entry in addons:
        if not ADDON.fullmatch(entry):
            yield f"addons has {entry!r}: write SERVICE:PLAN, such as heroku-postgresql:essential-0."
    services = [entry.partition(":")[0] for entry in addons]
    for service in sorted({one for one in services if services.count(one) > 1}):
        yield f"addons has {service} more than once: an app has one of each service here. Remove the others."
    for name, value in config.items():
        yield from _variable(str(name), value)
    if sum(len(f"{name}{value}".encode()) for name, value in config.items()) > CONFIG_BYTES:
        yield f"config is larger than {CONFIG_BYTES // 1024} kB, which Heroku refuses. Keep what is large in a file."


def judge_platform(wanted: Wanted, catalogue: Catalogue) -> Iterator[str]:
    """Wishes that the platform does not have."""
    if wanted.region and wanted.region not in catalogue.regions:
        yield f"region is {wanted.region!r}: Heroku has {', '.join(catalogue.regions)}."
    if wanted.stack not in catalogue.stacks:
        yield f"stack is {wanted.stack!r}: Heroku has {', '.join(catalogue.stacks)}."
    for entry in wanted.addons:
        service, _colon, plan = entry.partition(":")
        plans = catalogue.plans.get(service, ())
        if plans is None:
            meant = nearest(service, catalogue.services)
            yield f"addons has {entry}: Heroku has no add-on service {service}." + (
                f" Did you mean {meant}?" if meant else " See https://elements.heroku.com/addons"
            )
        elif plans and entry not in plans:
            names = [one.partition(":")[2] for one in plans]
            yield f"addons has {entry}: {service} has no plan {plan}. It has {some(names, 12)}."


def judge_found(wanted: Wanted, found: Found) -> Iterator[str]:
    """What an app that is there cannot become."""
    for label, has, wish in (("region", found.region, wanted.region), ("team", found.team, wanted.team)):
        if wish and has != wish:
            place = f"in the {label} {has}" if has else f"in no {label}"
            yield f"{label} is {wish!r}, and the app {wanted.name} is {place}; no run moves it. Write what it has."
    for entry in wanted.addons:
        there = found.of(entry.partition(":")[0])
        if len(there) > 1 and all(addon.plan != entry for addon in there):
            names = ", ".join(f"{addon.name} ({addon.plan})" for addon in there)
            yield f"addons has {entry}, and the app has several of that service: {names}. Write the plan of one."
    for name in sorted(set(wanted.config) & found.owned):
        addon = next(one for one in found.addons if name in one.owns)
        yield f"config.{name} belongs to the add-on {addon.name}, which sets it. Remove the line."


def _variable(name: str, value: Any) -> Iterator[str]:
    if not VARIABLE.fullmatch(name) or name.startswith("__"):
        yield f"config has the name {name!r}: write letters, digits and _, no digit first and no two _."
    elif name in PLATFORMS_OWN or name.startswith("HEROKU_"):
        yield f"config.{name} is set by Heroku itself. Remove the line."
    elif name == NOTE:
        yield f"config.{NOTE} is kept by this module. Remove the line."
    if not isinstance(value, str):
        yield f'config.{name} is {kind(value)}: write it as a string, in quotes: "...".'
    elif "\0" in value:
        yield f"config.{name} has a zero byte in it, which no environment can have."
