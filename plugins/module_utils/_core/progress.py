# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of a run that ships or goes back while it goes on: enough to tell others, and when to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.notify import Notice, Outcome
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import gist

SHORT = 12  # letters of the commit with which the name of a release begins


@dataclass(frozen=True)
class Progress:
    """`live`: the release that each host serves, as it was found. `ships`: this run has something to do on a host."""

    app: str
    act: str
    by: str
    commit: str = ""
    subject: str = ""
    hosts: tuple[str, ...] = ()
    live: tuple[str, ...] = ()
    ships: bool = False
    reason: str = ""

    def saw(self, host: str, facts: Mapping[str, Any]) -> Progress:
        """A host was looked at, or could not be."""
        app = (facts.get("apps") or {}).get(self.app) or {}
        release = (app.get("current") or {}).get("release", "")
        return replace(self, hosts=tuple(sorted({*self.hosts, host})), live=(*self.live, release))

    def gated(self, result: Mapping[str, Any]) -> Progress:
        """The gate is through: a commit that some host does not serve has to be shipped."""
        commit = str(result.get("commit") or "")
        elsewhere = any(not release.startswith(commit[:SHORT]) for release in self.live)
        return replace(self, commit=commit, subject=str(result.get("subject") or ""), ships=elsewhere)

    def planned(self, result: Mapping[str, Any]) -> Progress:
        """A host has prepared a release or chosen one, and says what else it needs."""
        return replace(
            self,
            commit=str(result.get("commit") or self.commit),
            subject=str(result.get("subject") or self.subject),
            ships=self.ships or bool(result.get("pending")),
        )

    def failed(self, message: str) -> Progress:
        """The first failure is the reason: the ones after it come of it."""
        return replace(self, reason=self.reason or gist(message) or "it does not say why")

    def notice(self, outcome: Outcome, at: str, seconds: float) -> Notice:
        return Notice(
            app=self.app,
            act=self.act,
            outcome=outcome,
            commit=self.commit,
            subject=self.subject,
            by=self.by,
            hosts=self.hosts,
            at=at,
            seconds=round(seconds, 1),
            reason=self.reason if outcome == "failed" else "",
        )


def act_of(states: Iterable[str]) -> str:
    """What a playbook does, by the acts of the module `release` in it; empty for neither."""
    acts = {"prepared": "deploy", "selected": "rollback"}
    return next((acts[state] for state in states if state in acts), "")
