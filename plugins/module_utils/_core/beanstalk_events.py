# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the events of an environment of Elastic Beanstalk mean, and which version ran well before.

The texts are those that the platform's own command line tool waits for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

GOOD = (
    "Environment update completed successfully.",
    "Successfully deployed new configuration to environment.",
    "Successfully launched environment:",
    "terminateEnvironment completed successfully.",
)
BAD = (
    "Create environment operation is complete, but with errors",
    "Update environment operation is complete, but with errors",
    "The environment was reverted to the previous configuration setting.",
    "Failed to launch environment.",
    "Environment tag update failed.",
)
# some of the instances may run the version that failed
MIXED = "re-deploy the appropriate application version"
GRAVE, LOUD = ("ERROR", "FATAL"), ("WARN", "ERROR", "FATAL")
RAN_WELL = "slipway:ran-well:"


@dataclass(frozen=True)
class Event:
    at: datetime
    severity: str
    message: str

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {self.severity} {self.message}"


def event(row: Mapping[str, Any]) -> Event:
    return Event(row["EventDate"], row.get("Severity", "INFO"), row.get("Message", ""))


def ended(events: Sequence[Event]) -> bool:
    """The platform has said how its work ended."""
    return any(one.message.startswith(GOOD + BAD) for one in events)


def failed(events: Sequence[Event]) -> bool:
    """The platform says so, or complains and does not say that all went well."""
    if any(one.message.startswith(BAD) for one in events):
        return True
    return any(one.severity in GRAVE for one in events) and not any(one.message.startswith(GOOD) for one in events)


def complaints(events: Sequence[Event]) -> list[str]:
    """What the platform says of a failure, each once, in its own words."""
    loud = [one for one in events if one.severity in LOUD or one.message.startswith(BAD)]
    return list(dict.fromkeys(f"{one.severity} {one.message}" for one in loud))


def mixed(events: Sequence[Event]) -> bool:
    return any(MIXED in one.message for one in events)


def mark(environment: str) -> str:
    """The tag of a version that ran well in an environment until it was replaced; its value is when that was.

    The platform's own events do not name the version that they speak of.
    """
    return f"{RAN_WELL}{environment}"


def previous(environment: str, running: str, marks: Mapping[str, Mapping[str, str]]) -> str:
    """The version that ran well last before the one that runs, of those with these tags; empty for none."""
    seen = {label: tags[mark(environment)] for label, tags in marks.items() if mark(environment) in tags}
    others = [label for label in seen if label != running]
    return max(others, key=lambda label: seen[label], default="")
