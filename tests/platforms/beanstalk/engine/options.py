# SPDX-License-Identifier: GPL-3.0-or-later
"""Options: which the stand-in knows, what they are when nobody sets them, and what it does with them.

Names and values are those of the platform's documentation, as far as a deployment of a Flask application uses them.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from . import bundle
from .fleet import Health

if TYPE_CHECKING:
    from .state import Environment

Option = tuple[str, str]
LONGEST = 30.0
EB = "aws:elasticbeanstalk:"
PROPERTIES, SECRETS = f"{EB}application:environment", f"{EB}application:environmentsecrets"
FREE = (PROPERTIES, SECRETS, f"{EB}environment:proxy:staticfiles")
ROLLING = "aws:autoscaling:updatepolicy:rollingupdate"
POLICY, UPDATE_TYPE = (f"{EB}command", "DeploymentPolicy"), (ROLLING, "RollingUpdateType")
DEFAULTS: Mapping[Option, str] = {
    ("aws:autoscaling:asg", "MinSize"): "1",
    ("aws:autoscaling:asg", "MaxSize"): "4",
    ("aws:autoscaling:launchconfiguration", "IamInstanceProfile"): "",
    ("aws:autoscaling:launchconfiguration", "InstanceType"): "t3.micro",
    ("aws:autoscaling:launchconfiguration", "SecurityGroups"): "sg-made-by-the-platform",
    ("aws:autoscaling:launchconfiguration", "EC2KeyName"): "",
    ("aws:autoscaling:launchconfiguration", "DisableIMDSv1"): "true",
    ("aws:autoscaling:launchconfiguration", "RootVolumeSize"): "",
    ("aws:autoscaling:launchconfiguration", "RootVolumeType"): "",
    ("aws:ec2:instances", "InstanceTypes"): "t3.micro, t3.small",
    ("aws:ec2:vpc", "VPCId"): "",
    ("aws:ec2:vpc", "Subnets"): "",
    ("aws:ec2:vpc", "ELBSubnets"): "",
    ("aws:ec2:vpc", "ELBScheme"): "public",
    ("aws:ec2:vpc", "AssociatePublicIpAddress"): "",
    ("aws:elb:loadbalancer", "CrossZone"): "false",
    ("aws:elb:policies", "ConnectionDrainingEnabled"): "false",
    ("aws:elbv2:listener:default", "ListenerEnabled"): "true",
    ("aws:elbv2:listener:443", "ListenerEnabled"): "true",
    ("aws:elbv2:listener:443", "Protocol"): "HTTPS",
    ("aws:elbv2:listener:443", "SSLCertificateArns"): "",
    (ROLLING, "RollingUpdateEnabled"): "false",
    UPDATE_TYPE: "Time",
    (f"{EB}application", "Application Healthcheck URL"): "",
    (f"{EB}cloudwatch:logs", "StreamLogs"): "false",
    (f"{EB}cloudwatch:logs", "DeleteOnTerminate"): "false",
    (f"{EB}cloudwatch:logs", "RetentionInDays"): "7",
    POLICY: "AllAtOnce",
    (f"{EB}command", "Timeout"): "600",
    (f"{EB}command", "IgnoreHealthCheck"): "false",
    (f"{EB}command", "BatchSize"): "100",
    (f"{EB}command", "BatchSizeType"): "Percentage",
    (f"{EB}container:python", "WSGIPath"): "application",
    (f"{EB}container:python", "NumProcesses"): "1",
    (f"{EB}container:python", "NumThreads"): "15",
    (f"{EB}environment", "EnvironmentType"): "LoadBalanced",
    (f"{EB}environment", "LoadBalancerIsShared"): "false",
    (f"{EB}environment", "LoadBalancerType"): "application",
    (f"{EB}environment", "ServiceRole"): "",
    (f"{EB}environment:process:default", "HealthCheckPath"): "/",
    (f"{EB}environment:process:default", "MatcherHTTPCode"): "200",
    (f"{EB}environment:process:default", "Port"): "80",
    (f"{EB}environment:proxy", "ProxyServer"): "nginx",
    (f"{EB}healthreporting:system", "SystemType"): "enhanced",
    (f"{EB}managedactions", "ManagedActionsEnabled"): "false",
    (f"{EB}managedactions", "PreferredStartTime"): "",
    (f"{EB}managedactions:platformupdate", "UpdateLevel"): "minor",
    (f"{EB}managedactions", "ServiceRoleForManagedUpdates"): "",
    (f"{EB}sns:topics", "Notification Endpoint"): "",
    (f"{EB}xray", "XRayEnabled"): "false",
}
CHOICES: Mapping[Option, tuple[str, ...]] = {
    POLICY: ("AllAtOnce", "Rolling", "RollingWithAdditionalBatch", "Immutable", "TrafficSplitting"),
    UPDATE_TYPE: ("Time", "Health", "Immutable"),
    (f"{EB}environment", "EnvironmentType"): ("LoadBalanced", "SingleInstance"),
    (f"{EB}healthreporting:system", "SystemType"): ("basic", "enhanced"),
}


class OptionError(Exception):
    """An option that nothing can be done with."""


def problems(given: Mapping[Option, str]) -> Iterator[tuple[Option, str]]:
    for (space, name), value in given.items():
        where = f"(Namespace: '{space}', OptionName: '{name}')"
        if space in FREE:
            if not re.fullmatch(r"[\w.:/+@-]{1,128}" if space != FREE[2] else ".+", name):
                yield (space, name), f"Invalid option specification {where}: the name is not valid."
        elif (space, name) not in DEFAULTS:
            yield (space, name), f"Invalid option specification {where}: Unknown configuration setting."
        elif value not in (choices := CHOICES.get((space, name), (value,))):
            allowed = ", ".join(choices)
            yield (
                (space, name),
                f"Invalid option value: '{value}' {where}: Value is not one of the allowed values: [{allowed}]",
            )


def effective(one: Environment) -> dict[Option, str]:
    """Requests stand above the bundle, the bundle above what the platform has by itself; empty is unset."""
    return {option: value for option, value in {**DEFAULTS, **one.bundled, **one.options}.items() if value}


def of_bundle(content: bytes) -> dict[Option, str]:
    with tempfile.TemporaryDirectory() as folder:
        bundle.unpack(content, Path(folder))
        return bundle.options(Path(folder))


def immutable(one: Environment, wanted: Mapping[Option, str], with_version: bool) -> bool:
    found = {**DEFAULTS, **one.bundled, **wanted}
    return found[POLICY if with_version else UPDATE_TYPE] == "Immutable"


def health(found: Mapping[Option, str]) -> Health:
    """The time is what commands may take, as far as a test has that long."""
    path = found.get((f"{EB}environment:process:default", "HealthCheckPath"), "")
    path = path or found.get((f"{EB}application", "Application Healthcheck URL"), "") or "/"
    return Health(path, min(float({**DEFAULTS, **found}[f"{EB}command", "Timeout"]), LONGEST))


def properties(found: Mapping[Option, str]) -> dict[str, str]:
    """The environment of processes; values of secrets are fetched when an instance starts, as on the platform."""
    plain = {name: value for (space, name), value in found.items() if space == PROPERTIES and value}
    return plain | {name: _secret(arn) for (space, name), arn in found.items() if space == SECRETS and arn}


def _secret(arn: str) -> str:
    try:
        if ":secretsmanager:" in arn:
            client = boto3.client("secretsmanager", region_name=arn.split(":")[3])
            return str(client.get_secret_value(SecretId=arn)["SecretString"])
        client, name = boto3.client("ssm", region_name=arn.split(":")[3]), arn.partition(":parameter")[2]
        return str(client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
    except Exception as error:
        raise OptionError(f"The secret {arn} cannot be fetched: {error}") from None
