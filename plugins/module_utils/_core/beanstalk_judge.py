# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be right before an environment of Elastic Beanstalk is touched, judged all together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.beanstalk import PROFILE, ROLE, Found, Wanted
from ansible_collections.slipway.flask.plugins.module_utils._core.nearness import nearest
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import kind

# of a version; botocore's model writes such words small, the platform itself does not
FAILED, AT_WORK = "FAILED", ("PROCESSING", "BUILDING")
LARGEST_BUNDLE = 500 * 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,38}[A-Za-z0-9]")
_PROPERTY = re.compile(r"[A-Za-z_.:/+@-][A-Za-z0-9_.:/+@-]{0,127}")


@dataclass(frozen=True)
class Facts:
    """What the platform was asked. None where it could not be asked, or where nobody has to know."""

    application: bool
    version_status: str  # empty: there is no such version
    platform: str  # the ARN of the newest of its branch; empty: there is none
    branches: Sequence[str]
    cname_available: bool | None
    profile: bool | None
    role: bool | None
    refused: Sequence[str]  # what the platform has against options, in its words


def written(
    name: str, plain: Mapping[str, Any], properties: Mapping[str, Any], secrets: Mapping[str, Any]
) -> Iterator[str]:
    """What is wrong with what the user wrote, as far as nobody has to be asked."""
    for space, rows in plain.items():
        if not isinstance(rows, Mapping):
            yield f"options.{space} is {kind(rows)}: write name: value below the namespace."
    if not _NAME.fullmatch(name):
        yield f'name is "{name}": write 4 to 40 letters, digits and hyphens, no hyphen first or last.'
    for word in sorted({*properties, *secrets}):
        if not _PROPERTY.fullmatch(word):
            yield f'environment has the name "{word}": write letters, digits and _, no digit first.'
    for word in sorted({*properties} & {*secrets}):
        yield f"{word} stands both in environment and in secrets: write it in one of them."
    for word, arn in sorted(secrets.items()):
        if not re.match(r"arn:[a-z-]+:(secretsmanager|ssm):", str(arn)):
            # what stands there may be the secret itself
            yield f"secrets.{word} is no ARN: write the ARN of a secret of Secrets Manager or of a parameter of SSM."


def standing(wanted: Wanted, found: Found | None, facts: Facts) -> Iterator[str]:
    """What is wrong, and does not become right by itself before the environment is made."""
    if found and found.application != wanted.application:
        yield (
            f"The environment {wanted.name} is one of the application {found.application}. Names of environments"
            " are unique in a region: write another name."
        )
    elif found and found.branch != wanted.platform:
        yield (
            f"The environment {wanted.name} runs on {found.branch}, and platform is {wanted.platform}. An environment"
            " stays on its branch: write that one, or another name for an environment beside it."
        )
    if not found and not facts.platform:
        meant = nearest(wanted.platform, [branch.lower() for branch in facts.branches])
        likely = [branch for branch in facts.branches if branch.lower() == meant]
        hint = f"Did you mean {likely[0]}?" if likely else f"There are: {'; '.join(facts.branches)}."
        yield f"platform is {wanted.platform}, and there is no such branch. {hint}"
    if not found and facts.cname_available is False:
        yield f"cname_prefix is {wanted.cname_prefix}, and somebody has that name already. Write another, or none."
    if facts.version_status == FAILED:
        yield f"The version {wanted.version} of {wanted.application} failed when the platform processed it."
    yield from (f"options: {problem}" for problem in facts.refused)


@dataclass(frozen=True)
class Missing:
    """What is not there; in check mode the steps before may be about to make it."""

    what: str
    advice: str = ""

    @staticmethod
    def application(name: str) -> Missing:
        return Missing(f"application {name}", "Make it with community.aws.elasticbeanstalk_app.")

    @property
    def problem(self) -> str:
        return f"There is no {self.what}. {self.advice}".rstrip()

    @property
    def note(self) -> str:
        return f"needs the {self.what}, not there yet"


def missing(wanted: Wanted, facts: Facts) -> Iterator[Missing]:
    if not facts.application:
        yield Missing.application(wanted.application)
    if not wanted.version:
        yield Missing("version to make the environment with", "Write version_label.")
    elif facts.application and not facts.version_status:
        where = f"version {wanted.version} of {wanted.application}"
        yield Missing(where, "Make it with slipway.flask.elastic_beanstalk_version.")
    if facts.profile is False:
        yield Missing(f"instance profile {wanted.options[PROFILE]}", f"{PROFILE[1]} names it.")
    if facts.role is False:
        yield Missing(f"role {wanted.options[ROLE]}", f"{ROLE[1]} names it.")


def newest(rows: Sequence[Mapping[str, Any]], branch: str) -> str:
    """The ARN of the newest platform version of a branch; the one that AWS recommends, if it does."""
    ready = [row for row in rows if row.get("PlatformBranchName") == branch and row.get("PlatformStatus") == "Ready"]
    best = [row for row in ready if row.get("PlatformLifecycleState") == "Recommended"] or ready
    return str(max(best, key=lambda row: _number(row["PlatformVersion"]))["PlatformArn"]) if best else ""


def bundle(path: str, size: int | None) -> Iterator[str]:
    if size is None:
        yield f"bundle is {path}: there is no such file on the controller."
    elif size > LARGEST_BUNDLE:
        yield f"bundle is {path} with {size // 1024**2} MB: Elastic Beanstalk takes {LARGEST_BUNDLE // 1024**2} MB."


def denied(code: str, message: str) -> str:
    """An answer that is a refusal, with what to do about it."""
    advice = {
        "InvalidClientTokenId": "The access key is not known. Write access_key and secret_key, or profile.",
        "UnrecognizedClientException": "The access key is not known. Write access_key and secret_key, or profile.",
        "SignatureDoesNotMatch": "The secret key is not the one of the access key. Write secret_key.",
        "ExpiredToken": "The session is over. Log in again.",
        "RequestExpired": "The clock of this machine is wrong, or the session is over.",
    }
    return f"AWS refuses ({code}): {message.rstrip('.')}. {advice.get(code, '')}".rstrip()


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"[0-9]+", version))
