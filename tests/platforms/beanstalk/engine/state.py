# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stand-in knows: versions, environments and their events. Applications are moto's."""

from __future__ import annotations

import secrets
import string
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .fleet import Fleet

Option = tuple[str, str]
LOCK = threading.RLock()
KEPT = 1000


def now() -> datetime:
    return datetime.now(UTC)


def token(prefix: str, length: int = 10) -> str:
    return f"{prefix}-" + "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(length))


@dataclass
class Version:
    application: str
    label: str
    arn: str
    description: str
    bucket: str
    key: str
    status: str
    created: datetime = field(default_factory=now)

    def told(self) -> dict[str, Any]:
        return {
            "ApplicationVersionArn": self.arn,
            "ApplicationName": self.application,
            "VersionLabel": self.label,
            "Description": self.description,
            "SourceBundle": {"S3Bucket": self.bucket, "S3Key": self.key},
            "DateCreated": self.created,
            "DateUpdated": self.created,
            "Status": self.status,
        }


@dataclass
class Environment:
    name: str
    application: str
    arn: str
    platform: str
    stack: str
    prefix: str
    fleet: Fleet
    options: dict[Option, str]
    """Set by requests; those of the bundle's .ebextensions stand below them."""
    version: str = ""
    id: str = field(default_factory=lambda: token("e"))
    bundled: dict[Option, str] = field(default_factory=dict)
    status: str = "Launching"
    health: str = "Grey"
    causes: list[str] = field(default_factory=list)
    created: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)

    @property
    def alive(self) -> bool:
        return self.status != "Terminated"

    def told(self) -> dict[str, Any]:
        status = {"Green": "Ok", "Red": "Severe", "Grey": "Pending", "Yellow": "Warning"}
        return {
            "EnvironmentName": self.name,
            "EnvironmentId": self.id,
            "ApplicationName": self.application,
            "VersionLabel": self.version or None,
            "SolutionStackName": self.stack,
            "PlatformArn": self.platform,
            "EndpointURL": self.fleet.front.address,
            "CNAME": self.fleet.front.address,
            "DateCreated": self.created,
            "DateUpdated": self.updated,
            "Status": self.status,
            "AbortableOperationInProgress": False,
            "Health": self.health,
            "HealthStatus": status[self.health],
            "Tier": {"Name": "WebServer", "Type": "Standard", "Version": "1.0"},
            "EnvironmentLinks": [],
            "EnvironmentArn": self.arn,
        }


@dataclass
class State:
    versions: dict[tuple[str, str], Version] = field(default_factory=dict)
    environments: list[Environment] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)

    def say(self, severity: str, message: str, request: str = "", **about: str) -> None:
        """An event, newest first. As on the platform, those of environments do not name the version."""
        row: dict[str, Any] = {"EventDate": now(), "Message": message, "Severity": severity, **about}
        if request:
            row["RequestId"] = request
        with LOCK:
            self.events.insert(0, row)
            del self.events[KEPT:]
        print(severity, message, flush=True)

    def find(self, name: str = "", environment_id: str = "") -> Environment | None:
        """The newest of that name or id; one that is gone is known by its id alone."""
        for one in reversed(self.environments):
            if (environment_id and one.id == environment_id) or (not environment_id and one.name == name and one.alive):
                return one
        return None


STATE = State()
