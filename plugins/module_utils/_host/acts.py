# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The acts of a deploy on one host. Each may be killed at any instant: the next run sees what is done and goes on."""

from __future__ import annotations

import datetime
import functools
import json
import shutil
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path, PurePath

from ansible_collections.slipway.flask.plugins.module_utils._core import migrations, upgrades
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.ledger import Entry
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Run
from ansible_collections.slipway.flask.plugins.module_utils._core.release import MIGRATING, Step, Wanted, only
from ansible_collections.slipway.flask.plugins.module_utils._core.request import Request
from ansible_collections.slipway.flask.plugins.module_utils._host import (
    bundle,
    commands,
    database,
    locking,
    prepare,
    roll,
    schema,
    starting,
    state,
    tree,
)
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App, mark, running
from ansible_collections.slipway.flask.plugins.module_utils._host.health import Site, ask
from ansible_collections.slipway.flask.plugins.module_utils._host.shelf import masked, prune, read_wanted
from ansible_collections.slipway.flask.plugins.module_utils._host.stand_in import StandIn


def prepared(
    app: App, request: Request, steps: tuple[Step, ...], package: bundle.Package, wanted: Wanted, live: str | None
) -> None:
    prepare.clean(app)
    acts = {step.act for step in steps}
    if acts & {"unpack", "install"}:
        parts = prepare.receive(app, request, package)
        if "install" in acts:
            prepare.install(app, parts / "lock.txt", request.recipe.python, wanted.venv)
        if "unpack" in acts:
            tree.make_release(app, request, parts, wanted)
        shutil.rmtree(parts)
    if "set" in acts:
        prepare.make_activation(app, request, wanted)
    if "load" in acts:
        _load(app, wanted, live)


def _load(app: App, wanted: Wanted, live: str | None) -> None:
    """Before anything is live, commands that create the database may have to come first: the trial judges then."""
    if live is not None or not (wanted.init_commands or wanted.migrate_commands):
        commands.load(app, wanted.activation)


def migrated(app: App, steps: tuple[Step, ...], wanted: Wanted, site: Site, spare: StandIn | None) -> tuple[Step, ...]:
    """Commands that run once; a live release that was well meets the new schema from here on and must still be so.

    Where nobody else has to agree, BESIDE is among the steps: the trial, whose start loads the application, begins
    beside the look at the database, and commands that will find nothing to migrate there go on while it is watched.
    Those of the steps that were done.
    """
    live, due, trial = state.linked(app.layout.current), only(steps, MIGRATING), only(steps, ("try",))
    served = read_wanted(app, live, leader=False)[1] if due and live else None
    # where it is not, there is nothing to lose, and perhaps this release is what makes it well again
    was_well = served is not None and not _ailing(app, served)
    work, done = functools.partial(_run, app, due, wanted), only(steps, ("load",))
    with roll.trial(app, wanted.activation, spare) if live and trial and app.serves else nullcontext() as begun:
        look = schema.look(app, wanted.release, wanted.activation) if only(due, ("migrate",)) else None
        beside = begun and (not due or (look and look.settled and upgrades.only(step.subject for step in due)))
        if begun and beside:
            done += (*_before_migrations(app, wanted, look), *due, *trial)
            begun.judge(site, meanwhile=work)
    if not beside:
        if done and live:
            commands.load(app, wanted.activation)
        done += (*_before_migrations(app, wanted, look), *due)
        work()
        if live is None and ((due and not trial) or (done and not app.serves)):
            # alone, before the processes of several hosts: applications make tables while they are imported
            commands.load(app, wanted.activation)
    mark(app, migrated=wanted.release)
    if served and was_well and (ails := _ailing(app, served)):
        raise SlipwayError(
            f"The live release does not bear the migrated database: {ails}. The schema stays as it is now."
        )
    return done


def _run(app: App, due: tuple[Step, ...], wanted: Wanted) -> None:
    if only(due, ("init",)):
        mark(app, attempted=True)
    for number, step in enumerate(due, 1):
        commands.command(app, wanted.activation, step.subject)
        if step.act == "init":
            mark(app, begun=step.subject, initialised=number == len(only(due, ("init",))))


def _before_migrations(app: App, wanted: Wanted, look: schema.Look | None) -> tuple[Step, ...]:
    """What they would do is judged; a database that they may change is dumped, if it is one of ours."""
    if look is None:
        return ()
    if look.at is not None:
        migrations.judge(look.revisions, look.at, wanted.migrating.destructive)
        if not look.at or look.settled:
            return ()
    made = database.dump(app, wanted) if wanted.migrating.dump else None
    return (Step("migrate", f"dump the database to {made}"),) if made else ()


def _ailing(app: App, site: Site) -> str:
    """What is wrong with the slots; empty when they are well."""
    try:
        ask_slots(app, site)
    except SlipwayError as error:
        return str(error)
    return ""


def activated(
    app: App, wanted: Wanted, site: Site, run: Run, tries: bool = False, spare: StandIn | None = None
) -> None:
    """Switch and roll; when a slot or the site does not become well, this host goes back before it reports.

    `tries` where nobody is served yet: the slots start while the trial is watched. `spare` serves while they restart.
    """
    bundle.verify_release(app, wanted.release)
    ledger = state.ledger(app.layout)
    pending = ledger.pending()
    if not (pending and pending.activation == wanted.activation):
        live = state.linked(app.layout.current)
        entry = _entry(app, wanted, ledger.refuge(live, leaving=wanted.activation), run)
        undoes = live if run.act == "rollback" and live != wanted.activation else None
        state.write_ledger(app.layout, ledger.begin(replace(entry, undoes=undoes)))
    try:
        with roll.trial(app, wanted.activation) if tries else nullcontext() as begun:
            switch = functools.partial(_switch, app, site, wanted.activation, spare)
            begun.judge(site, meanwhile=switch) if begun else switch()
        ask_slots(app, site)
        ask_site(app, site)
    except SlipwayError as error:
        if spare:
            spare.close()
        back = restored(app, wanted.activation, masked(app, wanted.activation, str(error).splitlines()[0]))
        raise SlipwayError(f"{error}\n{back}") from error


def _switch(app: App, site: Site, activation: str, spare: StandIn | None = None) -> None:
    state.link(app.layout.current, PurePath("activations") / activation)
    roll.roll(app, site, activation, spare)


def confirmed(app: App, wanted: Wanted, run: Run) -> None:
    """The verdict, given when every host is well. Only now is the release a place to come back to."""
    ledger = state.ledger(app.layout)
    entry = ledger.latest(wanted.activation)
    if entry is None or state.linked(app.layout.current) != wanted.activation:
        raise SlipwayError(
            f"{wanted.activation} is not live on this host, so it cannot be confirmed. Run the deploy again."
        )
    if entry.undoes:
        ledger = ledger.end(entry.undoes, "bad", f"rolled back by {run.by}")
    state.write_ledger(app.layout, ledger.end(wanted.activation, "good"))
    if wanted.init_commands:
        # on every host: the one that ran them may be gone when the next release comes
        mark(app, initialised=True)
    prune(app)
    locking.end(app, "succeeded")


def restored(app: App, activation: str, reason: str) -> str:
    """Undo an activation that has no verdict yet and remove its release; what was done, in words."""
    ledger = state.ledger(app.layout)
    entry = ledger.latest(activation)
    said = _as_before(app)
    roll.end_trials(app)
    if entry is not None and entry.verdict == "pending":
        # already there: a step that was killed on its way back has slots left to restart
        if state.linked(app.layout.current) in (activation, entry.previous):
            _switch_back(app, entry.previous)
        state.write_ledger(app.layout, ledger.end(activation, "bad", reason))
        said = f"This host is back on {entry.previous}." if entry.previous else "This host serves nothing, as before."
    prune(app, venvs=False)
    locking.end(app, "failed", reason)
    return said


def _as_before(app: App) -> str:
    live = state.linked(app.layout.current)
    if live and not any(running(app).values()):
        return (
            f"{live} is live on this host, and none of its servers runs. When the host has just been put into another"
            " group, put it back; then type: ansible-playbook slipway.flask.site -i INVENTORY"
        )
    return f"This host serves {live or 'nothing'}, as before."


def _switch_back(app: App, previous: str | None) -> None:
    if previous is None:
        Path(app.layout.current).unlink(missing_ok=True)
        roll.hold(app)
        return
    _, site = read_wanted(app, previous, leader=False)
    _switch(app, site, previous)


def ask_slots(app: App, site: Site) -> None:
    """Every slot by itself is well."""
    for program in app.programs:
        for slot in program.names():
            if program.background:
                starting.stays(app, slot)
                continue
            answer = ask(program.reach(app.layout, slot), site, program.ready_seconds)
            if not answer.well:
                raise SlipwayError(f"{slot} answers {site.path} with {answer.said.strip()[:300]}")


def ask_site(app: App, site: Site) -> None:
    """A visitor of this host is answered, if it has any."""
    if not app.serves:
        return
    answer = roll.outside(app, site)
    if not answer.well:
        raise SlipwayError(f"The site on port {app.front.port} answers {site.path} with {answer.said.strip()[:300]}")


def _entry(app: App, wanted: Wanted, previous: str | None, run: Run) -> Entry:
    facts = json.loads((Path(app.layout.releases) / wanted.release / "release.json").read_text(encoding="utf-8"))
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Entry(wanted.activation, wanted.release, facts["commit"], facts["artifact"], previous, run.by, now)
