# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A version of an application on Elastic Beanstalk: its bundle in the platform's bucket, and the version made of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.beanstalk_judge import AT_WORK, FAILED, Missing
from ansible_collections.slipway.flask.plugins.module_utils._core.beanstalk_judge import bundle as judge_bundle
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host.beanstalk import (
    GONE,
    Clients,
    events,
    has_application,
    until,
    versions_of,
)

SECONDS = 300.0


@dataclass(frozen=True)
class Version:
    application: str
    label: str
    bundle: str
    description: str

    @property
    def key(self) -> str:
        return f"{self.application}/{self.label}.zip"


def place(clients: Clients, wanted: Version, check: bool) -> tuple[list[str], dict[str, Any]]:
    """What was done, and the version."""
    eb, path = clients("elasticbeanstalk"), Path(wanted.bundle)
    problems = list(judge_bundle(wanted.bundle, path.stat().st_size if path.is_file() else None))
    application = has_application(eb, wanted.application)
    if not application and not check:
        problems.append(Missing.application(wanted.application).problem)
    row = versions_of(eb, wanted.application, wanted.label).get(wanted.label) if application else None
    if row and row["Status"] == FAILED:
        problems.append(_failure(eb, wanted))
    if problems:
        raise SlipwayError("\n".join(problems))
    plan = [] if row else [f"create the version {wanted.label} of {wanted.application} from {path.name}"]
    if not row and not check:
        _create(clients, wanted, path)
    if not check:
        row = _processed(eb, wanted)
    return plan, dict(row or {})


def remove(clients: Clients, wanted: Version, check: bool) -> list[str]:
    """It goes with its bundle, unless an environment runs it."""
    eb = clients("elasticbeanstalk")
    application = has_application(eb, wanted.application)
    if not application or wanted.label not in versions_of(eb, wanted.application, wanted.label):
        return []
    rows = eb.describe_environments(ApplicationName=wanted.application, VersionLabel=wanted.label)["Environments"]
    if users := sorted(row["EnvironmentName"] for row in rows if row["Status"] != GONE):
        raise SlipwayError(f"The version {wanted.label} of {wanted.application} runs in {', '.join(users)}.")
    if not check:
        eb.delete_application_version(
            ApplicationName=wanted.application, VersionLabel=wanted.label, DeleteSourceBundle=True
        )
    return [f"delete the version {wanted.label} of {wanted.application}"]


def _create(clients: Clients, wanted: Version, path: Path) -> None:
    """From the bucket that the platform keeps for the region; what a killed run brought there is not brought again."""
    eb, s3 = clients("elasticbeanstalk"), clients("s3")
    bucket = eb.create_storage_location()["S3Bucket"]
    if not _is_there(s3, bucket, wanted.key, path):
        with path.open("rb") as body:
            s3.put_object(Bucket=bucket, Key=wanted.key, Body=body)
    eb.create_application_version(
        ApplicationName=wanted.application,
        VersionLabel=wanted.label,
        Description=wanted.description,
        SourceBundle={"S3Bucket": bucket, "S3Key": wanted.key},
        Process=True,
    )


def _is_there(s3: Any, bucket: str, key: str, path: Path) -> bool:
    try:
        found = s3.head_object(Bucket=bucket, Key=key)
    except s3.exceptions.ClientError:
        return False
    with path.open("rb") as body:
        digest = hashlib.file_digest(body, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    return bool(found["ContentLength"] == path.stat().st_size and found["ETag"].strip('"') == digest)


def _processed(eb: Any, wanted: Version) -> dict[str, Any]:
    row = until(
        lambda: versions_of(eb, wanted.application, wanted.label)[wanted.label],
        lambda row: row["Status"] not in AT_WORK,
        SECONDS,
        lambda row: f"the version {wanted.label} of {wanted.application} to be processed: it is {row['Status']}.",
    )
    if row["Status"] == FAILED:
        raise SlipwayError(_failure(eb, wanted))
    return dict(row)


def _failure(eb: Any, wanted: Version) -> str:
    said = events(eb, ApplicationName=wanted.application, VersionLabel=wanted.label, Severity="WARN")
    head = f"The platform could not process the version {wanted.label} of {wanted.application}"
    lines = [f"{one.severity} {one.message}" for one in said] or ["It does not say why."]
    return "\n".join([f"{head}:", *lines, "Mend the bundle, or delete the version with state: absent."])
