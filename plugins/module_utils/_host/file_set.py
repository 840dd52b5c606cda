# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Place files that belong together: all of them and proved, or none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.entries import Directory, Wished
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.file_set import Step, plan
from ansible_collections.slipway.flask.plugins.module_utils._core.unit import INVERSE, REFUSE, Unit, plan_unit
from ansible_collections.slipway.flask.plugins.module_utils._host import files, seen
from ansible_collections.slipway.flask.plugins.module_utils._host.journal import Command, Journal, record_of
from ansible_collections.slipway.flask.plugins.module_utils._host.unit import (
    UNIT_SECONDS,
    look_at_unit,
    must,
)

STATE = Path("/var/lib/slipway/file_set")


@dataclass(frozen=True)
class FileSet:
    """The wish."""

    wished: Mapping[str, Wished]
    validate: Sequence[Command] = ()
    on_change: Sequence[Command] = ()
    unit: Unit | None = None


@dataclass(frozen=True)
class Outcome:
    """What differs from the wish: put back from a killed run, changed in files, told to the unit."""

    repaired: Sequence[str]
    steps: Sequence[Step]
    commands: Sequence[Command]
    verbs: Sequence[Command]

    @property
    def sentences(self) -> list[str]:
        repaired = [f"put back what an interrupted run left at {path}" for path in self.repaired]
        commands = [f"run {' '.join(argv)}" for argv in self.commands]
        verbs = [" ".join(argv[1:]) for argv in self.verbs]
        return [*repaired, *(step.sentence for step in self.steps), *commands, *verbs]


def place(wish: FileSet, *, check: bool, state: Path = STATE) -> Outcome:
    """Look, and unless nothing differs or `check` is set, make it so. Raises SlipwayError with everything put back."""
    journal = Journal(state)
    left = journal.read()
    outcome = _compare(wish, tuple(left.before) if left else ())
    if check:
        return outcome
    if outcome.sentences:
        with journal.lock():
            outcome = _compare(wish, _repair(journal))
            if outcome.steps:
                _change_files(wish, outcome, journal)
            else:
                _run_all(outcome.verbs, UNIT_SECONDS)
    seen.remember(state, wish.wished, wish.unit.name if wish.unit else None)
    return outcome


def _compare(wish: FileSet, repaired: Sequence[str]) -> Outcome:
    steps = plan(wish.wished, {path: files.look(path) for path in wish.wished})
    verbs: list[Command] = []
    if unit := wish.unit:
        planned = plan_unit(unit, look_at_unit(unit.name), unit.concerned(step.path for step in steps))
        if REFUSE in planned:
            raise SlipwayError(_refusal(unit, steps))
        verbs = [("systemctl", verb, unit.name) for verb in planned]
    return Outcome(repaired, steps, wish.on_change if steps else (), verbs)


def _refusal(unit: Unit, steps: Sequence[Step]) -> str:
    """Nothing was changed: a person decides about an interruption."""
    paths = ", ".join(step.path for step in steps if not unit.watches or step.path in unit.watches)
    return (
        f"{unit.name} is running, and a change of {paths} means restarting it: requests in those seconds would fail."
        f" Nothing was changed. {unit.hint}".rstrip()
    )


def _change_files(wish: FileSet, outcome: Outcome, journal: Journal) -> None:
    record = record_of(outcome.steps)
    journal.write(record)
    try:
        _swap(outcome.steps)
        _run_all(wish.validate)
        # From here on running processes may have taken the new files, so going back has to tell them.
        undo = [("systemctl", INVERSE[verb], name) for _program, verb, name in reversed(outcome.verbs)]
        journal.write(replace(record, afterwards=[*wish.on_change, *undo]))
        _run_all(wish.on_change, UNIT_SECONDS)
        _run_all(outcome.verbs, UNIT_SECONDS)
    except SlipwayError as error:
        complaints = "".join(f"\nWhile going back: {complaint}" for complaint in _go_back(journal))
        raise SlipwayError(f"{error}\nThe files that were there before are back in place.{complaints}") from error
    journal.close()


def _repair(journal: Journal) -> Sequence[str]:
    """Undo what a killed run left half done, and name its paths."""
    left = journal.read()
    if left is None:
        return ()
    try:
        _go_back(journal)
    except SlipwayError as error:
        raise SlipwayError(
            f"An interrupted run left files half placed, and they cannot be put back. {error} "
            f"Put that right, or remove {journal.path} to go on from what is there now."
        ) from error
    return tuple(left.before)


def _go_back(journal: Journal) -> Sequence[str]:
    """Everything as the journal says it was; running it twice does no harm. Gives what commands complained of."""
    record = journal.read()
    if record is None:
        return ()
    for path in record.before:
        files.remove(files.temporary(path))
    _swap(plan(record.before, {path: files.look(path) for path in record.before}), keep_full_folders=True)
    complaints = []
    for argv in record.afterwards:
        try:
            must(argv)
        except SlipwayError as error:
            complaints.append(str(error))
    journal.close()
    return complaints


def _swap(steps: Sequence[Step], *, keep_full_folders: bool = False) -> None:
    """New contents all stand beside their targets before the first target changes."""
    folders = [step for step in steps if isinstance(step.after, Directory)]
    others = [step for step in steps if step not in folders]
    for step in folders:
        files.put_in_place(step)
    for step in others:
        files.write_beside(step)
    for step in others:
        forgiven = (SlipwayError,) if keep_full_folders and isinstance(step.before, Directory) else ()
        with suppress(*forgiven):
            files.put_in_place(step)
    files.sync_folders(step.path for step in steps)


def _run_all(commands: Sequence[Command], seconds: float | None = None) -> None:
    for argv in commands:
        must(argv, seconds)
