# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read what an inventory says about its app, on the controller, and judge all of it at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError, AnsibleUndefinedVariable

from ansible_collections.slipway.flask.plugins.module_utils._core import (
    agreement,
    backup,
    base,
    broker,
    celery,
    database,
    inventory,
    inventory_rules,
    maintenance,
    notify,
    offers,
    servers,
    tls,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.app import App, DescriptionError, describe
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import judge
from ansible_collections.slipway.flask.plugins.module_utils._core.gitsource import is_url
from ansible_collections.slipway.flask.plugins.module_utils._core.policy import Policy, settle
from ansible_collections.slipway.flask.plugins.module_utils._core.variables import VARIABLES
from ansible_collections.slipway.flask.plugins.module_utils._core.vocabulary import judge_names
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import HIDDEN

# what hosts have to say right that hold a part of what stands behind the app
SERVICE_RULES = {database.GROUP: database.RULES, broker.GROUP: broker.RULES}


@dataclass(frozen=True)
class Reading:
    """What was understood. Without `app`, `policy`, `tls`, `servers` and `workers` there are problems."""

    hosts: list[str]  # that have a part in the app
    app: App | None
    policy: Policy | None
    tls: tls.Tls | None
    # of each host: they may be of different size
    servers: Mapping[str, servers.Servers]
    workers: Mapping[str, celery.Celery]
    programs: Mapping[str, Any]  # app_programs as it is written
    problems: list[str]
    warnings: list[str]
    backups: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # of each host: its variables backup_*


def read(task_vars: Mapping[str, Any], templar: Any) -> Reading:
    """The app and the policy of an inventory, and everything that is wrong with it."""
    groups = task_vars["groups"]
    problems, warnings = inventory_rules.judge_groups(groups)
    web = inventory.web_hosts(groups)
    hosts = inventory.all_hosts(groups) or list(groups.get("all", ()))
    running = inventory.app_hosts(groups) or hosts
    views = {host: _variables(host, task_vars) for host in hosts}
    names = {str(name) for view in views.values() for name in view}
    for found, said in zip((problems, warnings), judge_names(names), strict=True):
        found += said
    rows, unreadable = _rows(views, templar)
    problems += unreadable + agreement.judge({host: rows[host] for host in running})
    problems += agreement.judge({host: _named(row) for host, row in rows.items()}) if len(hosts) > len(running) else []
    described = {host: _described(host, rows[host], unreadable, views[host].get("inventory_dir")) for host in running}
    problems += _of_hosts({host: one.problems for host, one in described.items()})
    problems += _of_hosts({host: judge(base.RULES, row) for host, row in rows.items()})
    for group, rules in SERVICE_RULES.items():
        problems += _of_hosts({host: judge(rules, rows[host]) for host in groups.get(group, ())})
    backups = {host: {name: row[name] for name in backup.RULES if name in row} for host, row in rows.items()}
    problems += _of_hosts({host: _unsafe(row, bool(unreadable)) for host, row in backups.items()})
    first = described[running[0]]
    if first.app and first.tls:
        problems += tls.judge_names(first.tls, first.app.domains, web)
        problems += servers.judge_stacks(first.app, first.tls, list(inventory.members(groups)))
    sized = {host: one.servers[host] for host, one in described.items() if one.servers}
    workers = {host: one.workers[host] for host, one in described.items() if one.workers}
    if first.app and workers:
        problems += celery.judge(workers[next(iter(workers))], offers.said(first.app), first.app.programs, groups)
    given = replace(first, hosts=hosts if web else [], problems=problems, warnings=warnings, backups=backups)
    return replace(given, servers=sized, workers=workers, programs=rows[running[0]].get("app_programs") or {})


def read_here(task_vars: Mapping[str, Any], templar: Any) -> tuple[Reading, dict[str, Any]]:
    """The same for the host that is asked alone, which stands for a platform; and what its variables say."""
    host = task_vars["inventory_hostname"]
    variables = _variables(host, task_vars)
    rows, unreadable = _rows({host: variables}, templar)
    problems, warnings = judge_names({str(name) for name in variables})
    one = _described(host, rows[host], unreadable, _folder(task_vars))
    return replace(one, problems=[*problems, *unreadable, *one.problems], warnings=warnings), rows[host]


def _folder(task_vars: Mapping[str, Any]) -> str | None:
    """Of the inventory. A host that stands in none, such as localhost, has the first one's."""
    sources = task_vars.get("ansible_inventory_sources") or ()
    said = task_vars.get("inventory_dir") or next(iter(sources), None)
    return said if said is None or Path(said).is_dir() else str(Path(said).parent)


def _unsafe(row: Mapping[str, Any], unreadable: bool) -> list[str]:
    """A variable that cannot be read is not one that is missing."""
    return judge(backup.RULES, row) + ([] if unreadable else list(backup.judge(row)))


def plain(value: Any) -> Any:
    """Containers as plain ones: Ansible fills its own as late as possible, and errors would come later still."""
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    return [plain(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a host has to say that only has a part of what stands behind the app."""
    return {name: value for name, value in row.items() if name == "app_name"}


def _variables(host: str, task_vars: Mapping[str, Any]) -> dict[str, Any]:
    """A host's variables, not yet templated, and those of the play, which `hostvars` does not know."""
    hostvars = task_vars["hostvars"]
    here = hostvars.raw_get(task_vars["inventory_hostname"])
    of_play = {name: task_vars[name] for name in VARIABLES if name in task_vars and task_vars[name] != here.get(name)}
    return {**hostvars.raw_get(host), **of_play, "hostvars": hostvars}


def _rows(views: Mapping[str, Mapping[str, Any]], templar: Any) -> tuple[dict[str, dict[str, Any]], list[str]]:
    rows: dict[str, dict[str, Any]] = {host: {} for host in views}
    problems: dict[str, list[str]] = {host: [] for host in views}
    for host, variables in views.items():
        own = templar.copy_with_new_env(available_variables=variables)
        for name in (name for name in VARIABLES if name in variables):
            try:
                rows[host][name] = plain(own.template(variables[name]))
            except AnsibleError as error:
                problems[host].append(_unreadable(name, error))
    return rows, _of_hosts(problems)


def _unreadable(name: str, error: AnsibleError) -> str:
    """What a template complains of may hold the value, so for what may be secret only a missing name is said."""
    reason = str(error).rstrip(".")
    if "undecryptable" in reason:  # the class of that error is private to Ansible
        reason = "its vault stays shut. Give the password, with --ask-vault-pass or --vault-password-file FILE"
    elif name.startswith(HIDDEN) and not isinstance(error, AnsibleUndefinedVariable):
        reason = "a template in it fails (what it says may hold the secret, and is not shown)"
    return f"{name} cannot be read: {reason}."


def _described(host: str, row: Mapping[str, Any], unreadable: list[str], folder: str | None) -> Reading:
    """What one host's variables say. A variable that cannot be read has been complained of already."""
    wrong: list[str] = []
    silent = {text.split(" ")[0] for text in unreadable}

    def understood(make: Callable[[], Any]) -> Any:
        try:
            return make()
        except DescriptionError as error:
            wrong.extend(text for text in error.problems if text.split(" ")[0] not in silent)

    app = understood(lambda: describe(row))
    app = app and understood(lambda: replace(app, source=_source(app.source, folder)))
    policy = understood(lambda: settle(row))
    policy = policy and replace(policy, key_file=str(Path(policy.key_file).expanduser()))
    understood(lambda: notify.settle(row))
    encrypted = understood(lambda: tls.settle(row))
    sized, workers = understood(lambda: servers.settle(row)), understood(lambda: celery.settle(row))
    wrong += judge(maintenance.RULES, row)
    found = ({host: sized} if sized else {}, {host: workers} if workers else {})
    return Reading([], app, policy, encrypted, *found, {}, wrong, [])


def _source(source: str, folder: str | None) -> str:
    """A URL as it is; a folder made absolute, because playbooks run by name have another working directory."""
    if is_url(source):
        return source
    path = Path(source).expanduser()
    if not folder and not path.is_absolute():
        raise DescriptionError([f"app_source is {source}, relative to no inventory folder: write it absolute."])
    path = Path(folder or "/", path).resolve()
    if not path.is_dir():
        raise DescriptionError([f"app_source is {source}: no such folder, {path}. Write a git URL or a folder."])
    return str(path)


def _of_hosts(problems: Mapping[str, list[str]]) -> list[str]:
    """Each problem once; with the hosts that have it, unless all do."""
    texts = dict.fromkeys(text for wrong in problems.values() for text in wrong)
    found = []
    for text in texts:
        having = [host for host, wrong in problems.items() if text in wrong]
        found.append(text if len(having) == len(problems) else f"{text} (on {', '.join(having)})")
    return found
