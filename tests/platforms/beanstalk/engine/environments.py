# SPDX-License-Identifier: GPL-3.0-or-later
"""Elastic Beanstalk's operations, put in the place of moto's, or where moto has none.

moto goes on reading requests and writing answers by botocore's model of the service, so nothing can be said here that
AWS does not have a word for.
"""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from moto.core.responses import ActionResult, EmptyResult
from moto.elasticbeanstalk.exceptions import InvalidParameterValueError
from moto.elasticbeanstalk.responses import EBResponse

from . import catalogue, options
from .fleet import PORTS, Fleet
from .state import LOCK, STATE, Environment, Option
from .work import Work

CALL = threading.local()
Operation = Callable[[Any], Mapping[str, Any] | None]
OPERATIONS: dict[str, Operation] = {}


def operation(function: Operation) -> Operation:
    OPERATIONS[function.__name__] = function
    return function


def install() -> None:
    """moto gives an answer's request id to whatever is called RequestId in it, events too."""

    def enriched(headers: dict[str, str], body: Any) -> tuple[dict[str, str], Any]:
        headers = {name: str(value) for name, value in headers.items()}
        request = CALL.__dict__.pop("id", None) or str(uuid.uuid4())
        headers["x-amzn-requestid"] = request
        return headers, re.sub(r"(<ResponseMetadata>\s*<RequestId>)[^<]*", rf"\g<1>{request}", body)

    def dispatched(function: Operation) -> Callable[[Any], ActionResult]:
        def call(self: Any) -> ActionResult:
            CALL.id = str(uuid.uuid4())
            with LOCK:
                answer = function(self)
            return EmptyResult() if answer is None else ActionResult(answer)

        return call

    for name, function in OPERATIONS.items():
        setattr(EBResponse, name, dispatched(function))
    EBResponse._enrich_response = staticmethod(enriched)


def given_options(self: Any) -> dict[Option, str]:
    rows = self._get_param("OptionSettings", []) or []
    return {(row["Namespace"], row["OptionName"]): row.get("Value") or "" for row in rows}


def judged(given: Mapping[Option, str]) -> Mapping[Option, str]:
    for _option, problem in options.problems(given):
        raise InvalidParameterValueError(f"Configuration validation exception: {problem}")
    return given


def chosen(self: Any) -> Environment:
    name, environment_id = self._get_param("EnvironmentName", ""), self._get_param("EnvironmentId", "")
    found = STATE.find(name, environment_id)
    if not found or not found.alive:
        raise InvalidParameterValueError(f"No Environment found for EnvironmentName = '{name or environment_id}'.")
    return found


@operation
def check_dns_availability(self: Any) -> Mapping[str, Any]:
    prefix = self._get_param("CNAMEPrefix")
    taken = any(one.alive and one.prefix == prefix for one in STATE.environments)
    return {"Available": not taken, "FullyQualifiedCNAME": f"{prefix}.{self.region}.elasticbeanstalk.com"}


@operation
def create_environment(self: Any) -> Mapping[str, Any]:
    application, name = self._get_param("ApplicationName"), self._get_param("EnvironmentName")
    version, prefix = self._get_param("VersionLabel", ""), self._get_param("CNAMEPrefix", "")
    if application not in self.elasticbeanstalk_backend.applications:
        raise InvalidParameterValueError(f"No Application named '{application}' found.")
    if STATE.find(name):
        raise InvalidParameterValueError(f"Environment {name} already exists.")
    if (application, version) not in STATE.versions:
        raise InvalidParameterValueError(f"No Application Version named '{version}' found.")
    if prefix and any(one.alive and one.prefix == prefix for one in STATE.environments):
        raise InvalidParameterValueError(f"DNS name ({prefix}) is not available.")
    platform = catalogue.chosen(
        self._get_param("PlatformArn", ""), self._get_param("SolutionStackName", ""), self.region
    )
    if not PORTS:
        raise InvalidParameterValueError("This stand-in has no port left for another environment.")
    wanted = dict(judged(given_options(self)))
    _has_profile(wanted)
    arn = f"arn:aws:elasticbeanstalk:{self.region}:{self.current_account}:environment/{application}/{name}"
    one = Environment(name, application, arn, platform.arn, platform.stack, prefix, Fleet(), wanted)
    one.version = version
    STATE.environments.append(one)
    work = Work(one, CALL.id)
    work.begin("Launching", lambda: work.create(version))
    return one.told()


def _has_profile(wanted: Mapping[Option, str]) -> None:
    name = wanted.get(("aws:autoscaling:launchconfiguration", "IamInstanceProfile"), "")
    iam = boto3.client("iam")
    if name and name not in [row["InstanceProfileName"] for row in iam.list_instance_profiles()["InstanceProfiles"]]:
        raise InvalidParameterValueError(f"The instance profile {name} associated with the environment does not exist.")


@operation
def update_environment(self: Any) -> Mapping[str, Any]:
    one, version = chosen(self), self._get_param("VersionLabel", "")
    if one.status != "Ready":
        text = f"Environment named {one.name} is in an invalid state for this operation. Must be Ready."
        raise InvalidParameterValueError(text)
    if version and (one.application, version) not in STATE.versions:
        raise InvalidParameterValueError(f"No Application Version named '{version}' found.")
    removed = {(row["Namespace"], row["OptionName"]) for row in self._get_param("OptionsToRemove", []) or []}
    kept = {option: value for option, value in one.options.items() if option not in removed}
    wanted = {**kept, **judged(given_options(self))}
    work = Work(one, CALL.id)
    work.begin("Updating", lambda: work.update(version, wanted))
    return {**one.told(), "VersionLabel": version or one.version}


@operation
def terminate_environment(self: Any) -> Mapping[str, Any]:
    one = chosen(self)
    work = Work(one, CALL.id)
    work.begin("Terminating", work.terminate)
    return one.told()


@operation
def describe_environments(self: Any) -> Mapping[str, Any]:
    names, ids = self._get_param("EnvironmentNames", []) or [], self._get_param("EnvironmentIds", []) or []
    application, version = self._get_param("ApplicationName", ""), self._get_param("VersionLabel", "")
    found = [
        one
        for one in STATE.environments
        if (one.alive or one.id in ids)
        and (not names or one.name in names)
        and (not ids or one.id in ids)
        and (not application or one.application == application)
        and (not version or one.version == version)
    ]
    return {"Environments": [one.told() for one in found]}


@operation
def describe_configuration_settings(self: Any) -> Mapping[str, Any]:
    one = chosen(self)
    rows = [
        {"Namespace": space, "OptionName": name, "Value": value}
        for (space, name), value in options.effective(one).items()
    ]
    row = {
        "SolutionStackName": one.stack,
        "PlatformArn": one.platform,
        "ApplicationName": one.application,
        "EnvironmentName": one.name,
        "DeploymentStatus": "deployed",
        "DateCreated": one.created,
        "DateUpdated": one.updated,
        "OptionSettings": rows,
    }
    return {"ConfigurationSettings": [row]}


@operation
def validate_configuration_settings(self: Any) -> Mapping[str, Any]:
    chosen(self)
    found = options.problems(given_options(self))
    rows = [{"Message": text, "Severity": "error", "Namespace": one[0], "OptionName": one[1]} for one, text in found]
    return {"Messages": rows}


@operation
def describe_environment_health(self: Any) -> Mapping[str, Any]:
    one = chosen(self)
    told = one.told()
    names = ("EnvironmentName", "Status", "HealthStatus")
    causes = [] if one.health == "Green" else ["100.0 % of the requests are failing with HTTP 5xx."]
    return {**{name: told[name] for name in names}, "Status": one.status, "Color": one.health, "Causes": causes}


@operation
def describe_environment_resources(self: Any) -> Mapping[str, Any]:
    one = chosen(self)
    instances = [{"Id": one.fleet.instance.id}] if one.fleet.instance else []
    return {"EnvironmentResources": {"EnvironmentName": one.name, "Instances": instances}}
