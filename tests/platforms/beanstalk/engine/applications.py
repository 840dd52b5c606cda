# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations about applications, versions, events, tags and platforms."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import boto3
from moto.elasticbeanstalk.exceptions import InvalidParameterValueError, ResourceNotFoundException

from . import bundle, catalogue, options, work
from .environments import CALL, operation
from .state import STATE, Version


@operation
def describe_applications(self: Any) -> Mapping[str, Any]:
    names, there = self._get_param("ApplicationNames", []) or [], self.elasticbeanstalk_backend.applications
    return {"Applications": [one for name, one in there.items() if not names or name in names]}


@operation
def update_application(self: Any) -> Mapping[str, Any]:
    return {"Application": self.elasticbeanstalk_backend.applications[self._get_param("ApplicationName")]}


@operation
def delete_application(self: Any) -> None:
    name = self._get_param("ApplicationName")
    users = [one.name for one in STATE.environments if one.alive and one.application == name]
    if users:
        text = f"Unable to delete application {name} because it has running environments: {', '.join(users)}"
        raise InvalidParameterValueError(text)
    for row in [row for row in STATE.versions.values() if row.application == name]:
        del STATE.versions[name, row.label]
    self.elasticbeanstalk_backend.applications.pop(name, None)


@operation
def create_storage_location(self: Any) -> Mapping[str, Any]:
    name, s3 = f"elasticbeanstalk-{self.region}-{self.current_account}", boto3.client("s3")
    if name not in [row["Name"] for row in s3.list_buckets()["Buckets"]]:
        elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        s3.create_bucket(Bucket=name, **({} if self.region == "us-east-1" else elsewhere))
    return {"S3Bucket": name}


@operation
def create_application_version(self: Any) -> Mapping[str, Any]:
    application, label = self._get_param("ApplicationName"), self._get_param("VersionLabel")
    source = self._get_param("SourceBundle")
    if application not in self.elasticbeanstalk_backend.applications:
        raise InvalidParameterValueError(f"No Application named '{application}' found.")
    if (application, label) in STATE.versions:
        raise InvalidParameterValueError(f"Application Version {label} already exists.")
    keys = boto3.client("s3").list_objects_v2(Bucket=source["S3Bucket"], Prefix=source["S3Key"]).get("Contents", ())
    if source["S3Key"] not in [row["Key"] for row in keys]:
        raise InvalidParameterValueError(f"Unable to download from S3 location (Bucket: {source['S3Bucket']})")
    process = str(self._get_param("Process", False)).lower() == "true"
    arn = f"arn:aws:elasticbeanstalk:{self.region}:{self.current_account}:applicationversion/{application}/{label}"
    status = "PROCESSING" if process else "UNPROCESSED"
    description = self._get_param("Description", "")
    row = Version(application, label, arn, description, source["S3Bucket"], source["S3Key"], status)
    STATE.versions[application, label] = row
    if process:
        threading.Thread(target=_process, args=(row, CALL.id), daemon=True).start()
    return {"ApplicationVersion": row.told()}


def _process(row: Version, request: str) -> None:
    about = {"ApplicationName": row.application, "VersionLabel": row.label}
    status, severity = "PROCESSED", "INFO"
    try:
        options.of_bundle(work.fetch(row.application, row.label))
    except bundle.BundleError as error:
        status, severity = "FAILED", "ERROR"
        STATE.say("ERROR", str(error), request, **about)
    STATE.say(severity, f"Finished processing application version {row.label} as {status}.", request, **about)
    row.status = status


@operation
def describe_application_versions(self: Any) -> Mapping[str, Any]:
    application, labels = self._get_param("ApplicationName", ""), self._get_param("VersionLabels", []) or []
    found = [
        row
        for row in STATE.versions.values()
        if (not application or row.application == application) and (not labels or row.label in labels)
    ]
    return {"ApplicationVersions": [row.told() for row in reversed(found)]}


@operation
def delete_application_version(self: Any) -> None:
    application, label = self._get_param("ApplicationName"), self._get_param("VersionLabel")
    if any(one.alive and (one.application, one.version) == (application, label) for one in STATE.environments):
        text = f"Unable to delete application version {label} because it is in use by the following environments"
        raise InvalidParameterValueError(text)
    row = STATE.versions.pop((application, label), None)
    if row and str(self._get_param("DeleteSourceBundle", False)).lower() == "true":
        boto3.client("s3").delete_object(Bucket=row.bucket, Key=row.key)


@operation
def describe_events(self: Any) -> Mapping[str, Any]:
    """As the platform filters them; the newest first."""
    grades = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
    least = grades.index(self._get_param("Severity", "TRACE"))
    environment_id, start = self._get_param("EnvironmentId", ""), self._get_param("StartTime")
    wanted = {
        name: self._get_param(name, "") for name in ("ApplicationName", "VersionLabel", "EnvironmentName", "RequestId")
    }
    if environment_id and (one := STATE.find(environment_id=environment_id)):
        wanted["EnvironmentName"] = one.name
    found = [
        row
        for row in STATE.events
        if all(not value or row.get(name) == value for name, value in wanted.items())
        and grades.index(row["Severity"]) >= least
        and (not start or row["EventDate"] >= catalogue.moment(start))
    ]
    return {"Events": found[: int(self._get_param("MaxRecords", 0) or 1000)]}


@operation
def list_tags_for_resource(self: Any) -> Mapping[str, Any]:
    arn = self._get_param("ResourceArn")
    _known(arn)
    tags = STATE.tags.get(arn, {})
    return {"ResourceArn": arn, "ResourceTags": [{"Key": key, "Value": value} for key, value in tags.items()]}


@operation
def update_tags_for_resource(self: Any) -> None:
    arn = self._get_param("ResourceArn")
    _known(arn)
    tags = STATE.tags.setdefault(arn, {})
    for row in self._get_param("TagsToAdd", []) or []:
        tags[row["Key"]] = row["Value"]
    for key in self._get_param("TagsToRemove", []) or []:
        tags.pop(key, None)


def _known(arn: str) -> None:
    known = [row.arn for row in STATE.versions.values()] + [one.arn for one in STATE.environments if one.alive]
    if arn not in known:
        raise ResourceNotFoundException(f"Resource not found for ARN '{arn}'.")


@operation
def list_platform_branches(self: Any) -> Mapping[str, Any]:
    rows = [one.branch_row() for one in catalogue.newest(self.region)]
    return {"PlatformBranchSummaryList": catalogue.filtered(rows, self._get_param("Filters", []) or [], "Attribute")}


@operation
def list_platform_versions(self: Any) -> Mapping[str, Any]:
    rows = [one.version_row() for one in catalogue.platforms(self.region)]
    return {"PlatformSummaryList": catalogue.filtered(rows, self._get_param("Filters", []) or [], "Type")}


@operation
def describe_platform_version(self: Any) -> Mapping[str, Any]:
    return {"PlatformDescription": catalogue.chosen(self._get_param("PlatformArn"), "", self.region).description()}
