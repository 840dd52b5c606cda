# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Elastic Beanstalk tells of environments and versions. `eb` and `iam` are clients of boto3."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from ansible_collections.slipway.flask.plugins.module_utils._core import beanstalk, beanstalk_judge
from ansible_collections.slipway.flask.plugins.module_utils._core.beanstalk import PROFILE, ROLE, Found, Wanted
from ansible_collections.slipway.flask.plugins.module_utils._core.beanstalk_events import Event, event, mark, previous
from ansible_collections.slipway.flask.plugins.module_utils._core.beanstalk_judge import Facts
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError

T = TypeVar("T")
Client = Any
Clients = Callable[[str], Client]

FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 0.5, 10.0, 1.3
# of the newest versions, for each one is asked for
VERSIONS_ASKED = 50
GONE, GOING, READY = "Terminated", "Terminating", "Ready"


def observe(eb: Client, name: str) -> Found | None:
    """The environment with its options, unless there is none, or it is on its way out."""
    rows = eb.describe_environments(EnvironmentNames=[name], IncludeDeleted=False)["Environments"]
    row = next((row for row in rows if row["Status"] != GONE), None)
    if row is None:
        return None
    settings: list[Mapping[str, Any]] = []
    if row["Status"] != GOING:
        settings = eb.describe_configuration_settings(ApplicationName=row["ApplicationName"], EnvironmentName=name)[
            "ConfigurationSettings"
        ]
    # beside what is deployed there may be a draft that failed
    deployed = [one for one in settings if one.get("DeploymentStatus") in (None, "deployed")] or settings
    return _found(row, deployed[0]["OptionSettings"] if deployed else [])


def status(eb: Client, environment_id: str) -> Found:
    """The same without the options. One that is gone is told of for an hour, or not at all."""
    rows = eb.describe_environments(EnvironmentIds=[environment_id])["Environments"]
    gone = {"EnvironmentId": environment_id, "ApplicationName": "", "Status": GONE}
    return _found(rows[0] if rows else gone, [])


def _found(row: Mapping[str, Any], options: list[Mapping[str, Any]]) -> Found:
    return Found(
        id=row["EnvironmentId"],
        application=row["ApplicationName"],
        status=row["Status"],
        health=row.get("Health", "Grey"),
        version=row.get("VersionLabel") or "",
        platform=row.get("PlatformArn") or "",
        cname=row.get("CNAME") or row.get("EndpointURL") or "",
        options=beanstalk.found_options(options),
    )


def facts(clients: Clients, wanted: Wanted, found: Found | None) -> Facts:
    """Everything that has to be known beforehand."""
    eb = clients("elasticbeanstalk")
    application = has_application(eb, wanted.application)
    versions = versions_of(eb, wanted.application, wanted.version) if application and wanted.version else {}
    platform, branches = ("", []) if found else _platform(eb, wanted.platform)
    available = None
    if wanted.cname_prefix and not found:
        available = eb.check_dns_availability(CNAMEPrefix=wanted.cname_prefix)["Available"]
    return Facts(
        application=application,
        version_status=str(versions.get(wanted.version, {}).get("Status", "")),
        platform=platform,
        branches=branches,
        cname_available=available,
        profile=_known(clients, "get_instance_profile", "InstanceProfileName", wanted.options.get(PROFILE, "")),
        role=_known(clients, "get_role", "RoleName", wanted.options.get(ROLE, "")),
        refused=list(_refused(eb, wanted)) if found and found.application == wanted.application else [],
    )


def has_application(eb: Client, name: str) -> bool:
    return bool(eb.describe_applications(ApplicationNames=[name])["Applications"])


def _platform(eb: Client, branch: str) -> tuple[str, list[str]]:
    """The newest version of a branch; without one, the branches that there are for Python."""
    ours = {"Type": "PlatformBranchName", "Operator": "=", "Values": [branch]}
    rows = list(pages(eb.list_platform_versions, "PlatformSummaryList", Filters=[ours]))
    if arn := beanstalk_judge.newest(rows, branch):
        return arn, []
    supported = {"Attribute": "LifecycleState", "Operator": "=", "Values": ["Supported"]}
    names = [
        row["BranchName"] for row in pages(eb.list_platform_branches, "PlatformBranchSummaryList", Filters=[supported])
    ]
    return "", sorted(name for name in names if name.startswith("Python "))


def _known(clients: Clients, question: str, parameter: str, name: str) -> bool | None:
    """Whether IAM has it; None when that is not asked, or may not be."""
    if not name:
        return None
    iam = clients("iam")
    try:
        getattr(iam, question)(**{parameter: name.rpartition("/")[2]})
    except iam.exceptions.NoSuchEntityException:
        return False
    except iam.exceptions.ClientError as error:
        if error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException"):
            return None
        raise
    return True


def _refused(eb: Client, wanted: Wanted) -> Iterator[str]:
    rows = settings(wanted.options)
    asked = {"ApplicationName": wanted.application, "EnvironmentName": wanted.name, "OptionSettings": rows}
    for row in eb.validate_configuration_settings(**asked)["Messages"] if rows else ():
        if row.get("Severity") == "error":
            yield f"{row.get('Namespace', '')} {row.get('OptionName', '')}: {row['Message']}".lstrip(" :")


def settings(options: beanstalk.Options) -> list[dict[str, str]]:
    return [{"Namespace": space, "OptionName": name, "Value": value} for (space, name), value in options.items()]


def versions_of(eb: Client, application: str, *labels: str) -> dict[str, Mapping[str, Any]]:
    """Versions of an application by their labels, the newest first."""
    chosen = {"VersionLabels": list(labels)} if labels else {}
    rows = pages(eb.describe_application_versions, "ApplicationVersions", ApplicationName=application, **chosen)
    rows = ({**row, "Status": str(row.get("Status", "")).upper()} for row in rows)
    return {row["VersionLabel"]: row for row in sorted(rows, key=lambda row: row["DateCreated"], reverse=True)}


def ran_well_before(eb: Client, application: str, name: str, running: str) -> str:
    """The version to go back to."""
    marks = {}
    for label, row in list(versions_of(eb, application).items())[:VERSIONS_ASKED]:
        tags = eb.list_tags_for_resource(ResourceArn=row["ApplicationVersionArn"])["ResourceTags"]
        marks[label] = {tag["Key"]: tag["Value"] for tag in tags}
    label = previous(name, running, marks)
    if not label:
        raise SlipwayError(
            f"rollback is previous, and no version of {application} ran well in {name} before {running or 'now'}."
            " Write the label of one."
        )
    return label


def remember(eb: Client, application: str, name: str, label: str) -> None:
    """This version runs well and is about to be replaced."""
    row = versions_of(eb, application, label).get(label)
    if row:
        tag = {"Key": mark(name), "Value": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        eb.update_tags_for_resource(ResourceArn=row["ApplicationVersionArn"], TagsToAdd=[tag])


def events(eb: Client, **chosen: str) -> list[Event]:
    """Oldest first."""
    rows = list(pages(eb.describe_events, "Events", **chosen))
    return [event(row) for row in reversed(rows)]


def pages(ask: Callable[..., Mapping[str, Any]], key: str, **chosen: Any) -> Iterator[Mapping[str, Any]]:
    """All rows of an answer that comes in parts."""
    token: dict[str, Any] = {}
    while True:
        answer = ask(**chosen, **token)
        yield from answer[key]
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}


def until(ask: Callable[[], T], done: Callable[[T], bool], seconds: float, told: Callable[[T], str]) -> T:
    """Ask again and again, the pauses growing, for the answer that is waited for; `told` says what, and of the last."""
    end, pause = time.monotonic() + seconds, FIRST_PAUSE
    while not done(last := ask()):
        if time.monotonic() > end:
            raise SlipwayError(f"Waited {seconds:g} s for {told(last)}")
        time.sleep(pause)
        pause = min(pause * GROWTH, LONGEST_PAUSE)
    return last
