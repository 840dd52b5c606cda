# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One call of the release module: observe, plan, act under the lock, say what was done."""

from __future__ import annotations

import base64
import os
import select
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import migrations
from ansible_collections.slipway.flask.plugins.module_utils._core import request as asking
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.history import work
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Run
from ansible_collections.slipway.flask.plugins.module_utils._core.release import (
    ACTIVATING,
    BESIDE,
    MIGRATING,
    PREPARING,
    Found,
    Migrating,
    Step,
    Wanted,
    only,
    plan,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.request import Request
from ansible_collections.slipway.flask.plugins.module_utils._host import (
    acts,
    bundle,
    database,
    leftovers,
    locking,
    prepare,
    roll,
    schema,
    shelf,
    state,
)
from ansible_collections.slipway.flask.plugins.module_utils._host import app as apps
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App
from ansible_collections.slipway.flask.plugins.module_utils._host.health import Site
from ansible_collections.slipway.flask.plugins.module_utils._host.stand_in import StandIn, stand_in

Options = Mapping[str, Any]
Hide = Callable[[Iterable[str]], None]
Steps = tuple[Step, ...]


def perform(options: Options, run: Run, check: bool, hide: Hide) -> dict[str, Any]:
    """Do the act `options["state"]`; the module's result."""
    app = apps.load(options["name"]) if check else apps.required(options["name"])
    if app is None:
        return _answer(None, "", (Step("verify", f"set up this host and ship {options['name']} to it"),), changed=True)
    os.umask(0o022)  # a hardened host's own would keep the app from reading its release
    begins = not check and options["state"] in ("prepared", "selected")
    with state.exclusive(app.layout, (lambda: locking.refuse(app, run)) if begins else lambda: None):
        if options["state"] == "prepared":
            answer = _prepare(app, options, run, check)
            return _go_on(app, options, run, answer) if options["then"] and answer["pending"] else answer
        if options["state"] == "selected":
            return _select(app, options, run, check)
        if options["activation"] is None:
            return _abandon(app, run, options["reason"])
        hide(shelf.secret_values(app, options["activation"]))
        if options["state"] == "restored":
            return _restore(app, options, run, check)
        return _advance(app, options, run, check)


def _prepare(app: App, options: Options, run: Run, check: bool) -> dict[str, Any]:
    told = apps.services(app.layout)
    request = asking.read(options["request"], options["secrets"], options["leader"], told)
    if not check:
        apps.judge_programs(app, request.setting.programs)
    wanted, found = request.wanted(apps.salt(app.layout, keep=not check), app.digests), apps.observe(app)
    older = _is_older(app, request, found)
    steps = plan(wanted, replace(found, initialised=found.initialised or older))
    if not steps:
        steps = leftovers.settle(app, run, check)
        return _answer(wanted, found.current, steps, changed=bool(steps), done=steps)
    if check:
        live = shelf.contents(app, found.current)
        if live is not None and only(steps, ("migrate",)):
            live["schema"] = _schema(app, str(found.current))
        return {**_answer(wanted, found.current, steps, changed=True), "contents": live}
    commit = {"release": wanted.release, "commit": request.recipe.commit}
    locking.take(app, run, work=work({**request.facts, **commit}))
    if older:
        apps.mark(app, initialised=True)
    mine = only(steps, PREPARING)
    package = _package(options)
    if {"unpack", "install"} & {step.act for step in mine} and not package:
        return {**_answer(wanted, found.current, (), changed=False), "missing": True}
    # a call that goes on loads when there is something to do beside that
    now = tuple(step for step in mine if step.act not in BESIDE) if options["then"] else mine
    acts.prepared(app, request, now, package, wanted, found.current)
    return _answer(wanted, found.current, steps, changed=True, done=mine)


def _is_older(app: App, request: Request, found: Found) -> bool:
    """Whether the database was there before this host: what runs once has run, or would destroy something."""
    due = request.leader and request.setting.init_commands and not (found.initialised or found.attempted)
    return bool(due) and database.has_tables(app, request.setting.environment)


def _package(options: Options) -> bundle.Package:
    """What the gate handed over, a file or its content; empty when it did not."""
    return Path(options["bundle"]) if options["bundle"] else base64.b64decode(options["bundle_content"] or "")


def _go_on(app: App, options: Options, run: Run, prepared: dict[str, Any]) -> dict[str, Any]:
    """The acts after `prepared` in the same call; a failure names what is to be undone."""
    act, *then = options["then"]
    rest = {**options, "activation": prepared["activation"], "state": act, "then": then}
    try:
        _judge_waiting(act)
        answer = _advance(app, rest, run, check=False, loads=True)
    except SlipwayError as error:
        raise locking.Halfway(str(error), prepared["activation"]) from error
    before = prepared["diff"]["after"]
    return {
        **answer,
        "plan": [*before.splitlines(), *answer["plan"]],
        "live": prepared["live"],
        "changed": True,
        "diff": {"before": "", "after": before + answer["diff"]["after"]},
    }


def _select(app: App, options: Options, run: Run, check: bool) -> dict[str, Any]:
    ledger, live = state.ledger(app.layout), state.linked(app.layout.current)
    chosen = ledger.select(options["to"]) if options["to"] else ledger.back(live)
    present = apps.observe(app).activations
    if chosen is None or chosen.activation not in present:
        there = ", ".join(entry.release for entry in ledger.good() if entry.activation in present) or "none"
        raise SlipwayError(
            f"No release {options['to'] or 'to go back to'} of {options['name']} on this host. Good ones: {there}."
        )
    wanted, _ = shelf.read_wanted(app, chosen.activation, leader=False)
    steps = plan(wanted, apps.observe(app))
    if steps and live and not options["newer_schema"]:
        _judge_schema(app, live, chosen.release)
    tidied = () if steps else leftovers.settle(app, run, check)
    facts = shelf.facts(app, chosen.release)
    if steps and not check:
        locking.take(app, run, work=work({**facts, "release": chosen.release}))
    return {
        **_answer(wanted, live, steps or tidied, changed=bool(steps or tidied), done=tidied),
        **{key: facts.get(key) for key in ("commit", "subject", "artifact")},
    }


def _schema(app: App, activation: str) -> list[str] | None:
    """Where its database is; None when it cannot be asked."""
    found = schema.at(app, activation)
    return None if found is None else sorted(found)


def _judge_schema(app: App, live: str, release: str) -> None:
    """A release that has never heard of what the database is now is not gone back to by accident."""
    revisions = schema.known(app, release)
    strange = migrations.unknown(revisions, schema.at(app, live) or frozenset()) if revisions else []
    if strange:
        raise SlipwayError(
            f"The database is at {', '.join(strange)}, which {release} does not know, and going back changes code only."
            " If that code can live with the newer schema, type: ansible-playbook slipway.flask.rollback -i INVENTORY"
            " -e rollback_newer_schema=true. If not, ship a commit that undoes the migration."
        )


def _advance(app: App, options: Options, run: Run, check: bool, loads: bool = False) -> dict[str, Any]:
    wanted, site = shelf.read_wanted(app, options["activation"], options["leader"])
    wanted = replace(wanted, migrating=Migrating(**options["migrating"]))
    found = apps.observe(app)
    steps = plan(wanted, found)
    if check:
        return _answer(wanted, found.current, steps, changed=bool(steps))
    locking.take(app, run, must_hold=True)
    # an earlier call has loaded it, and the plan goes on to name that
    loaded = () if loads else only(steps, ("load",))
    done: Steps = ()
    with stand_in(app, wanted.activation) if options["then"] else nullcontext() as spare:
        for act in (options["state"], *options["then"]):
            if act != options["state"]:
                _judge_waiting(act)
            left = tuple(step for step in plan(wanted, apps.observe(app)) if step not in (*loaded, *done))
            done += _do(act, app, run, wanted, site, left, spare)
    after = plan(wanted, apps.observe(app))
    return _answer(wanted, found.current, (*done, *after), changed=bool(done), done=done)


def _judge_waiting(act: str) -> None:
    if not waited_for():
        raise SlipwayError(f"Nobody waits for this run any more, so it ends before it is {act}. The next one goes on.")


def waited_for(output: int = 1) -> bool:
    """Whether somebody still reads what we say: the other end of our output closes with the connection."""
    poll = select.poll()
    poll.register(output, 0)
    return not poll.poll(0)


def _do(act: str, app: App, run: Run, wanted: Wanted, site: Site, steps: Steps, spare: StandIn | None) -> Steps:
    """One act after `prepared`; those of the steps that it did. A host that goes through all of them has a `spare`."""
    alone = spare is not None
    first = alone and state.linked(app.layout.current) is None
    match act:
        case "migrated":
            done = acts.migrated(app, only(steps, (*BESIDE, *MIGRATING) if alone else MIGRATING), wanted, site, spare)
        case "tried":
            done = () if first else only(steps, ("try",))
            if done and app.serves:
                with roll.trial(app, wanted.activation, spare) as begun:
                    begun.judge(site)
        case "activated":
            tries = only(steps, ("try",)) if first else ()
            done = (*tries, *only(steps, ACTIVATING))
            acts.activated(app, wanted, site, run, bool(tries) and app.serves, spare)
        case _:
            done = only(steps, ("confirm",))
            acts.confirmed(app, wanted, run)
    return done


def _restore(app: App, options: Options, run: Run, check: bool) -> dict[str, Any]:
    """The activation itself may be gone: an act that failed has undone it already."""
    live, mine = state.linked(app.layout.current), locking.held(app, run)
    said = "Nothing is undone on this host: another run holds its lock."
    if mine and not check:
        said = acts.restored(app, options["activation"], options["reason"])
    elif mine:
        said = f"undo {options['activation']}"
    return _answer(None, live, (Step("switch", said),), changed=mine)


def _abandon(app: App, run: Run, reason: str) -> dict[str, Any]:
    """The run failed before anything could be switched: what it prepared goes, and its lock."""
    lock = state.lock(app.layout)
    mine = lock is not None and lock.held_by(run)
    if mine:
        roll.end_trials(app)
        prepare.clean(app)
        shelf.prune(app, venvs=False)
        locking.end(app, "failed", reason)
    return _answer(None, None, (Step("switch", "Nothing was switched on this host."),), changed=mine)


def _answer(wanted: Wanted | None, live: str | None, steps: Steps, changed: bool, done: Steps = ()) -> dict[str, Any]:
    left = [step for step in steps if step not in done]
    rows = [step.text for step in steps]
    result = {
        "changed": changed,
        "plan": rows,
        "pending": sorted({step.act for step in left}),
        "missing": False,
        "live": live,
    }
    if wanted is not None:
        result |= {"activation": wanted.activation, "release": wanted.release}
    if changed:
        result["diff"] = {"before": "", "after": "".join(f"{step.text}\n" for step in done or steps)}
    return result
