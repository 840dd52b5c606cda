# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module that talks to AWS, through amazon.aws, which only those need who ship there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core.beanstalk_judge import denied
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.nearness import nearest

try:
    import boto3
    import botocore.exceptions
except ImportError:
    boto3 = None
try:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
except ImportError:
    AnsibleAWSModule = None

SERVICE = "elasticbeanstalk"


class QuietModule(AnsibleModule):
    """Ansible writes the arguments into the system log, and these hold the environment of an application."""

    def _log_invocation(self) -> None:
        self.log(f"Invoked for {self.params['application']}")


class _BareModule(AnsibleModule):
    """The arguments are not looked at: those of AWS are not known without amazon.aws."""

    params: dict[str, Any]

    def _load_params(self) -> None:
        super()._load_params()
        self.params = {name: value for name, value in self.params.items() if name.startswith("_ansible_")}


@dataclass(frozen=True)
class Task:
    """What a module was asked to do."""

    given: Mapping[str, Any]
    check: bool
    clients: Callable[[str], Any]
    log: Callable[[str], None]


def run(spec: Mapping[str, Any], work: Callable[[Task], Mapping[str, Any]], hidden: Sequence[str], **more: Any) -> None:
    """Take the arguments, do the work, and exit with its result; every error that is for people ends in one place.

    Older cores give the arguments back with each result, so those that are `hidden` are taken out.
    """
    module = _module(dict(spec), **more)
    task = Task(dict(module.params), module.check_mode, cache(module.client), module.log)
    module.params.update(dict.fromkeys(hidden, "(not repeated)"))
    try:
        _judge_region(module)
        result = work(task)
    except SlipwayError as error:
        module.fail_json(msg=str(error))
    except botocore.exceptions.ClientError as error:
        told = error.response["Error"]
        module.fail_json(msg=f"{denied(told['Code'], told['Message'])} (operation {error.operation_name})")
    except botocore.exceptions.NoCredentialsError:
        module.fail_json(msg="There are no credentials for AWS. Write access_key and secret_key, or profile.")
    except botocore.exceptions.BotoCoreError as error:
        module.fail_json(msg=f"AWS cannot be asked: {error}")
    module.exit_json(**result)


def _module(spec: dict[str, Any], **more: Any) -> Any:
    needed = {
        "the collection amazon.aws. Type: ansible-galaxy collection install amazon.aws": AnsibleAWSModule,
        f"boto3. Type: {sys.executable} -m pip install boto3": boto3,
    }
    lacking = [what for what, there in needed.items() if not there]
    if lacking:
        bare = _BareModule(argument_spec={}, supports_check_mode=True)
        bare.fail_json(msg="\n".join(f"Elastic Beanstalk needs {what}" for what in lacking))
    AnsibleAWSModule.default_settings["module_class"] = QuietModule
    return AnsibleAWSModule(argument_spec=spec, supports_check_mode=True, **more)


def _judge_region(module: Any) -> None:
    session = boto3.session.Session()
    known = [
        name for part in session.get_available_partitions() for name in session.get_available_regions(SERVICE, part)
    ]
    region = module.region
    if region and region not in known:
        meant = nearest(region, known)
        hint = f"Did you mean {meant}?" if meant else f"There are {', '.join(sorted(known))}."
        raise SlipwayError(f"region is {region}, where boto3 knows no Elastic Beanstalk. {hint}")
