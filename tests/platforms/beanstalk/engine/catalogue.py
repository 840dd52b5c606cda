# SPDX-License-Identifier: GPL-3.0-or-later
"""The platforms that there are: branches of Python, each with an old and a new version; the real list is longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.elasticbeanstalk.exceptions import InvalidParameterValueError

BRANCHES = {"3.13": "Supported", "3.12": "Supported", "3.11": "Supported", "3.9": "Deprecated"}
VERSIONS = ("4.8.1", "4.10.0")


@dataclass(frozen=True)
class Platform:
    python: str
    version: str
    region: str

    @property
    def branch(self) -> str:
        return f"Python {self.python} running on 64bit Amazon Linux 2023"

    @property
    def arn(self) -> str:
        return f"arn:aws:elasticbeanstalk:{self.region}::platform/{self.branch}/{self.version}"

    @property
    def stack(self) -> str:
        return f"64bit Amazon Linux 2023 v{self.version} running Python {self.python}"

    def branch_row(self) -> dict[str, Any]:
        return {
            "PlatformName": "Python",
            "BranchName": self.branch,
            "LifecycleState": BRANCHES[self.python],
            "BranchOrder": list(BRANCHES).index(self.python),
            "SupportedTierList": ["WebServer/Standard", "Worker/SQS/HTTP"],
        }

    def version_row(self) -> dict[str, Any]:
        row = {
            "PlatformArn": self.arn,
            "PlatformOwner": "AWSElasticBeanstalk",
            "PlatformStatus": "Ready",
            "PlatformCategory": "Python",
            "OperatingSystemName": "Amazon Linux",
            "OperatingSystemVersion": "2023",
            "SupportedTierList": ["WebServer/Standard", "Worker/SQS/HTTP"],
            "PlatformVersion": self.version,
            "PlatformBranchName": self.branch,
            "PlatformBranchLifecycleState": BRANCHES[self.python],
        }
        return row | ({"PlatformLifecycleState": "Recommended"} if self.version == VERSIONS[-1] else {})

    def description(self) -> dict[str, Any]:
        return self.version_row() | {"PlatformName": self.branch, "SolutionStackName": self.stack}


def platforms(region: str) -> list[Platform]:
    return [Platform(python, version, region) for python in BRANCHES for version in VERSIONS]


def newest(region: str) -> list[Platform]:
    return [one for one in platforms(region) if one.version == VERSIONS[-1]]


def chosen(arn: str, stack: str, region: str) -> Platform:
    for one in platforms(region):
        if one.arn == arn or (not arn and one.stack == stack):
            return one
    raise InvalidParameterValueError(f"No Platform named '{arn or stack}' found.")


def filtered(
    rows: Sequence[Mapping[str, Any]], filters: Sequence[Mapping[str, Any]], key: str
) -> list[Mapping[str, Any]]:
    """Those that pass all filters; only the comparisons that clients were seen to use."""
    kept = list(rows)
    for one in filters:
        name, operator, values = str(one[key]), one["Operator"], one["Values"]
        field = "PlatformCategory" if name == "PlatformName" and key == "Type" else name
        if operator not in ("=", "!="):
            raise InvalidParameterValueError(f"This stand-in does not know the operator {operator}.")
        kept = [row for row in kept if (row.get(field) in values) == (operator == "=")]
    return kept


def moment(value: Any) -> datetime:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
