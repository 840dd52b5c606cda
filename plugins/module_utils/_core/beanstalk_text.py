# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens to an environment of Elastic Beanstalk, in words. Values of properties are in none of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.slipway.flask.plugins.module_utils._core.beanstalk import (
    OURS,
    PROPERTIES,
    SECRETS,
    Change,
    Found,
    Option,
    Options,
    Wanted,
    only_encrypted,
    plan,
)


def made(wanted: Wanted) -> list[str]:
    return [f"create the environment {wanted.name} of {wanted.application} on {wanted.platform}, with {wanted.version}"]


def changed(change: Change, found: Found) -> list[str]:
    """A sentence for each thing that one request changes."""
    return list(_changed(change, found))


def _changed(change: Change, found: Found) -> Iterator[str]:
    if change.version == found.version != "":
        yield f"deploy {change.version} again, for the environment is not well"
    elif change.version:
        yield f"deploy {change.version} in place of {found.version or 'nothing'}"
    for option in sorted(change.options):
        if option != OURS:
            yield f"set {_named(option)}{_value(option, change.options[option])}"
    for option in sorted(change.remove):
        if option != OURS:
            yield f"remove {_named(option)}"
    if not change.version and {*change.options, *change.remove} == {OURS}:
        yield "write down which properties are kept from here"


def shown(name: str, found: Found | None) -> dict[str, str]:
    """An environment as a result of the module."""
    if not found:
        return {}
    scheme = "https" if only_encrypted(found.options) else "http"
    return {
        "id": found.id,
        "name": name,
        "url": f"{scheme}://{found.cname}",
        "cname": found.cname,
        "status": found.status,
        "health": found.health,
        "version_label": found.version,
        "platform": found.platform,
    }


def difference(wanted: Wanted, found: Found | None, gone: bool) -> dict[str, str]:
    """The environment before and after, as far as somebody speaks of its options."""
    there: Options = found.options if found else {}
    asked = [*wanted.options, *(plan(wanted, found).remove if found else ())]
    before = _rendered(wanted.name, found.version, there, wanted.options, asked) if found else ""
    after = "" if gone else _rendered(wanted.name, wanted.version, wanted.options, there, asked)
    return {"before": before, "after": after}


def _rendered(name: str, version: str, options: Options, other: Options, asked: Sequence[Option]) -> str:
    """One side; `other` is the other."""
    lines = [f"environment {name}", f"version {version}"]
    for option in sorted(asked):
        if option in options:
            shown = _value(option, options[option]) or f" ({_differs(option, options, other)})"
            lines.append(f"{_named(option)}{shown}")
    return "".join(f"{line}\n" for line in lines)


def _differs(option: Option, options: Options, other: Options) -> str:
    return "not shown" if other.get(option) in (None, options[option]) else "not shown, another value"


def _named(option: Option) -> str:
    space, name = option
    kinds = {PROPERTIES: f"the property {name}", SECRETS: f"the secret {name}"}
    return kinds.get(space, f"{space} {name}")


def _value(option: Option, value: str) -> str:
    hidden = (option[0] == PROPERTIES and option != OURS) or "password" in option[1].lower()
    return "" if hidden else f" = {value}"
