# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a release brings that the live one has not: commits and packages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.migrations import Revision, judge, pending, unknown

SHOWN = 20


def packages(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """What is installed, removed and moved to another version, by name."""
    lines = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old is None:
            lines.append(f"add {name} {new}")
        elif new is None:
            lines.append(f"remove {name} {old}")
        elif old != new:
            lines.append(f"change {name} {old} to {new}")
    return lines


def commits(log: Sequence[str] | None, live: str) -> list[str]:
    """The commits that a visitor has not seen; None when the live commit is not in this repository."""
    if log is None:
        return [
            f"ship a commit that does not follow on the live one ({live[:12]}), which this repository does not have"
        ]
    shown = [f"ship commit {line}" for line in log[:SHOWN]]
    return [*shown, *([f"ship {len(log) - SHOWN} more commits"] if len(log) > SHOWN else [])]


def migrations(revisions: Mapping[str, Revision], at: Sequence[str] | None, destructive: bool) -> list[str]:
    """What an upgrade would do to a database that is there, or why the run would not let it."""
    if at is None:
        return ["migrate the database; which revisions are pending is not known, since it cannot be asked"]
    lines = [f"migrate to {revision.text}" for revision in pending(revisions, set(at))] or ["migrate nothing"]
    try:
        judge(revisions, set(at), destructive)
    except SlipwayError as error:
        lines = [*([] if unknown(revisions, set(at)) else lines), f"stop before it migrates: {error}"]
    return lines
