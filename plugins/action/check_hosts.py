# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Say everything that is wrong with the hosts before one of them is changed. Runs on the controller alone."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.flask.plugins.module_utils._core import (
    backup,
    bare,
    broker,
    broker_cluster,
    database,
    inventory,
    offers,
    preflight,
    signers,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.app import App
from ansible_collections.slipway.flask.plugins.module_utils._core.certificate import lineage
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import truth
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Run
from ansible_collections.slipway.flask.plugins.module_utils._core.preflight import Facts, Wish
from ansible_collections.slipway.flask.plugins.module_utils._core.servers import Servers
from ansible_collections.slipway.flask.plugins.module_utils._core.tls import ACME, OFF, Tls, judge_addresses
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import listing
from ansible_collections.slipway.flask.plugins.plugin_utils import certificate, controller, gate_key
from ansible_collections.slipway.flask.plugins.plugin_utils.reading import Reading, read

Values = Mapping[str, Any]
SERVICES = {database.GROUP: database, broker.GROUP: broker}


class ActionModule(ActionBase):
    """Judges the hosts of the play together: a fleet ships as one."""

    _requires_connection = False
    _VALID_ARGS = frozenset({"disk_mb", "memory_mb", "adopt", "set_up", "removes", "adopt_database"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        reading = read(task_vars, self._templar)
        app, policy = reading.app, reading.policy
        if reading.problems or app is None or policy is None or reading.tls is None:
            raise AnsibleActionFail(listing(reading.problems))
        given = self._task.args
        asked: dict[str, Any] = {key: int(given[key]) for key in ("disk_mb", "memory_mb") if given.get(key) is not None}
        asked |= {key: truth(given.get(key, False)) for key in ("adopt", "set_up")}
        asked |= {"encrypted": reading.tls.method != OFF, "app_port": 0 if app.wsgi else app.port}
        wish = Wish(app.name, app.root, app.user, app.python, app.domains, lock_wait=policy.lock_wait, **asked)
        facts = _facts(task_vars["hostvars"], task_vars["ansible_play_hosts_all"])
        absent = app.state == "absent"
        if absent and not truth(given.get("removes", False)):
            raise AnsibleActionFail("app_state is absent: slipway.flask.site takes the app off, nothing else.")
        there = facts.keys() & set(task_vars["ansible_play_hosts"])  # one that failed has facts of before
        missing = [host for host in task_vars["ansible_play_hosts_all"] if host not in there]
        try:
            me, trusted = signers.choose(gate_key.of_controller(policy.key_file, False), policy.signer, policy.signers)
        except SlipwayError as error:
            raise AnsibleActionFail(listing([str(error)], "The app was not touched.")) from error
        groups = task_vars["groups"]
        stacks = inventory.members(groups)
        stack_of = {host: stack for stack, hosts in stacks.items() for host in hosts}
        running = {host: facts[host] for host in inventory.app_hosts(groups) if host in facts}
        wishes = {host: _sized(wish, stack_of.get(host), reading.servers[host], row) for host, row in running.items()}
        problems = [*_unseen(missing), *_judge_locks(wishes, running), *_judge_restores(app, facts)]
        if not absent:
            problems += _judge(wishes, running, None if policy.signers else me)
            problems += _judge_services(app, wish, task_vars, facts, running, truth(given.get("adopt_database")))
            serving = {host: row for host, row in running.items() if host in stack_of}
            problems += [*_rooms(reading, facts), *_misled(app, reading.tls, serving, task_vars["hostvars"])]
        if problems:
            return result | {"failed": True, "msg": listing(problems, "The app was not touched.")}
        state: dict[str, Any]
        state = {"fresh": preflight.fresh(running, app.name), "bare": any(row.get("bare") for row in facts.values())}
        state["untouched"] = [host for host, row in running.items() if bare.is_untouched(wishes[host], row)]
        return result | {"pythons": preflight.pythons(running), "signers": trusted, "hosts": list(facts), **state}


def _sized(wish: Wish, stack: str | None, servers: Servers, facts: Facts) -> Wish:
    """With what is the host's own: its front server or where its server listens, and how many processes serve."""
    if stack is None:
        return replace(wish, serves=False)
    front = inventory.STACKS[stack].front
    processes = servers.processes(wish.name, stack, facts)
    return replace(wish, front=front, server_port=servers.ports[stack], processes=processes)


def _facts(hostvars: Any, hosts: Iterable[str]) -> dict[str, Facts]:
    """What `survey` found, of the hosts it could look at."""
    found = {host: hostvars.raw_get(host).get("ansible_facts", {}).get("slipway") for host in hosts}
    return {host: facts for host, facts in found.items() if facts}


def _unseen(hosts: list[str]) -> list[str]:
    if not hosts:
        return []
    names = ", ".join(hosts)
    return [f"{names}: could not be looked at, and a fleet ships as one. To go without, type --limit 'all:!{hosts[0]}'"]


def _misled(app: App, tls: Tls, facts: Mapping[str, Facts], hostvars: Any) -> list[str]:
    """Names of the site that lead elsewhere, of a host that has no certificate yet and would ask for one."""
    if tls.method != ACME or tls.proxied:
        return []
    found = {}
    for host, row in facts.items():
        address = str(hostvars.raw_get(host).get("ansible_host", host))
        here = [*row.get("addresses", ()), *certificate.resolve(address)]
        new = lineage(app.name) not in row.get("certificates", ())
        domains = app.domains if new else ()
        found[host] = [text for name in domains for text in judge_addresses(name, certificate.resolve(name), here)]
    return preflight.by_host(found)


def _judge(wishes: Mapping[str, Wish], facts: Mapping[str, Facts], me: signers.Signer | None) -> list[str]:
    """`me` is given when the hosts themselves have to say whom they trust."""
    found = {host: preflight.judge_host(wishes[host], row) for host, row in facts.items()}
    apps = {host: row.get("apps", {}).get(wishes[host].name) or {} for host, row in facts.items()}
    known = {host: app.get("signers") or "" for host, app in apps.items()}
    strangers = {host: signers.judge_trusted(text, me) for host, text in known.items()} if me else {}
    return preflight.by_host(found) + preflight.by_host(strangers)


def _judge_services(
    app: App, wish: Wish, task_vars: Values, facts: Mapping[str, Facts], running: Mapping[str, Facts], adopt: bool
) -> list[str]:
    """Of the hosts that hold what stands behind the app, and of those that have to know where it is."""
    groups = task_vars["groups"]
    found: dict[str, list[str]] = {host: [] for host in facts}
    told = offers.told(app, {group: list(groups.get(group, ())) for group in SERVICES})
    for group, hosts in told.items():
        for host in (host for host in hosts if host in facts and not facts[host].get("bare")):
            row, service = facts[host], SERVICES[group]
            wrong = [*preflight.judge_service_host(wish, row, service.is_there(row)), *service.judge_port(row)]
            found[host] += [text for text in wrong if text not in found[host]]
        tells = all(host in facts for host in hosts) and not wish.set_up
        for host, row in running.items():
            here = row.get("apps", {}).get(wish.name) or {}
            found[host] += offers.judge_told(here, group, hosts, tells)
            if group == database.GROUP:
                found[host] += database.judge_move(here, next(iter(hosts), ""), adopt)
    # those that leave were looked at, also where this play is without them
    leaving = _facts(task_vars["hostvars"], groups.get(inventory.RETIRED, ()))
    brokers = {host: facts.get(host, {}) for host in told.get(broker.GROUP, ())}
    for host, problems in broker_cluster.judge(brokers, leaving, wish.set_up).items():
        found[host] += problems
    return preflight.by_host(found)


def _rooms(reading: Reading, facts: Mapping[str, Facts]) -> list[str]:
    """Of hosts that would keep their backups themselves."""
    rows = {host: reading.backups.get(host, {}) for host in facts}
    return preflight.by_host({host: list(backup.judge_room(rows[host], row)) for host, row in facts.items()})


def _judge_restores(app: App, facts: Mapping[str, Facts]) -> list[str]:
    return preflight.by_host({host: preflight.judge_restore(app.name, row) for host, row in facts.items()})


def _judge_locks(wishes: Mapping[str, Wish], facts: Mapping[str, Facts]) -> list[str]:
    identity: dict[str, Any] = controller.this_run("check")
    run, now = Run(**identity), time.time()
    return preflight.by_host(
        {host: preflight.judge_lock(wishes[host], row, run, controller.is_dead, now) for host, row in facts.items()}
    )
