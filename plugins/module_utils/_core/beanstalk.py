# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An environment of Elastic Beanstalk: what it lacks of what is wanted, and the one request that brings it there.

An option is known by its namespace and its name. Properties of the environment are options, too. One that was ours and
is wanted no more goes: a property of its own, SLIPWAY_CONFIG, says which are ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Option = tuple[str, str]
Options = Mapping[Option, str]

WELL, UNWELL = "Green", "Red"
PROPERTIES = "aws:elasticbeanstalk:application:environment"
SECRETS = "aws:elasticbeanstalk:application:environmentsecrets"
PROFILE: Option = ("aws:autoscaling:launchconfiguration", "IamInstanceProfile")
ROLE: Option = ("aws:elasticbeanstalk:environment", "ServiceRole")
OURS: Option = (PROPERTIES, "SLIPWAY_CONFIG")
# options of one name for each of its resources, which this does not speak of
_MANY = "aws:autoscaling:scheduledaction"
# the platform adds a group of its own to these
_WIDENED: Option = ("aws:autoscaling:launchconfiguration", "SecurityGroups")


@dataclass(frozen=True)
class Wanted:
    application: str
    name: str
    platform: str
    version: str
    options: Options = field(repr=False)
    cname_prefix: str = ""


@dataclass(frozen=True)
class Found:
    """An environment that is there; `platform` is its ARN."""

    id: str
    application: str
    status: str
    health: str
    version: str
    platform: str
    cname: str
    options: Options = field(default_factory=dict, repr=False)

    @property
    def branch(self) -> str:
        return next(iter(self.platform.split("/")[1:]), "")


@dataclass(frozen=True)
class Change:
    """A request to UpdateEnvironment; without a version the one that runs stays."""

    version: str = ""
    options: Options = field(default_factory=dict, repr=False)
    remove: Sequence[Option] = ()

    def __bool__(self) -> bool:
        return bool(self.version or self.options or self.remove)


def options(
    plain: Mapping[str, Mapping[str, Any]], properties: Mapping[str, Any], secrets: Mapping[str, Any]
) -> dict[Option, str]:
    """What a user writes, as the platform takes it: everything is a string."""
    spaces: dict[str, Mapping[str, Any]] = {**plain, PROPERTIES: properties, SECRETS: secrets}
    found = {(space, name): text(value) for space, rows in spaces.items() for name, value in rows.items()}
    ours = " ".join(sorted({*properties, *secrets}))
    return {**found, OURS: ours} if ours else found


def text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def found_options(rows: Sequence[Mapping[str, Any]]) -> dict[Option, str]:
    """From DescribeConfigurationSettings; an option without a value is as good as none."""
    told = ((row["Namespace"], row["OptionName"], row.get("Value")) for row in rows)
    return {(space, name): value for space, name, value in told if value and space != _MANY}


def plan(wanted: Wanted, found: Found) -> Change:
    """What an environment lacks, in one request. One that is not well is given its version again."""
    differing = {
        option: value
        for option, value in wanted.options.items()
        if not same(option, value, found.options.get(option, ""))
    }
    remove = tuple(_left(wanted.options, found.options))
    again = found.health == UNWELL and not (differing or remove)
    return Change(wanted.version if again or wanted.version != found.version else "", differing, remove)


def same(option: Option, wanted: str, found: str) -> bool:
    """Lists come back in another order, and true as True."""
    if option[0] in (PROPERTIES, SECRETS) or wanted == found:
        return wanted == found
    if wanted.lower() in ("true", "false"):
        return wanted.lower() == found.lower()
    ours, theirs = ({part.strip() for part in value.split(",")} for value in (wanted, found))
    return ours <= theirs if option == _WIDENED else ours == theirs


def only_encrypted(given: Options) -> bool:
    """Whether the load balancer listens on 443 alone."""
    return text(given.get(("aws:elbv2:listener:default", "ListenerEnabled"))).lower() == "false"


def applied(change: Change, found: Found) -> Found:
    """How the environment is afterwards, when all goes well."""
    kept = {option: value for option, value in found.options.items() if option not in change.remove}
    return replace(found, health=WELL, version=change.version or found.version, options={**kept, **change.options})


def _left(wanted: Options, found: Options) -> Iterator[Option]:
    """Properties of ours that are wanted no more, or as the other kind; with the last of them goes the list of them."""
    ours = {*found.get(OURS, "").split(), *wanted.get(OURS, "").split(), OURS[1]}
    for option in ((space, name) for name in sorted(ours) for space in (PROPERTIES, SECRETS)):
        if option in found and option not in wanted:
            yield option


def going_back(before: Found, after: Found, touched: Change) -> Change:
    """What brings an environment back to how it was before a request that went wrong."""
    wanted = {option: before.options[option] for option in {*touched.options, *touched.remove} & set(before.options)}
    differing = {option: value for option, value in wanted.items() if after.options.get(option) != value}
    new = (option for option in touched.options if option[0] in (PROPERTIES, SECRETS))
    remove = tuple(option for option in new if option in after.options and option not in before.options)
    return Change(before.version if after.version != before.version else "", differing, remove)
