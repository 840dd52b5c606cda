# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring an environment of Elastic Beanstalk to what is wanted, in one request, and back when that went wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import beanstalk, beanstalk_text
from ansible_collections.slipway.flask.plugins.module_utils._core import beanstalk_events as meaning
from ansible_collections.slipway.flask.plugins.module_utils._core.beanstalk import Change, Found, Wanted
from ansible_collections.slipway.flask.plugins.module_utils._core.beanstalk_events import Event
from ansible_collections.slipway.flask.plugins.module_utils._core.beanstalk_judge import missing, standing
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import beanstalk as told
from ansible_collections.slipway.flask.plugins.module_utils._host import health

PREVIOUS = "previous"
# for the platform to say how it ended, once it is ready; and for its instances to be seen well
SAID_SECONDS, SETTLE_SECONDS = 30.0, 300.0
ANSWERS, ANSWER_SECONDS = 5, 120.0


@dataclass(frozen=True)
class Outcome:
    plan: Sequence[str]
    before: Found | None
    after: Found | None
    events: Sequence[Event] = ()


@dataclass
class Shipping:
    """One environment, and the limits of a run. `log` is told what the platform says while it works."""

    clients: told.Clients
    wanted: Wanted
    health_path: str
    seconds: float
    log: Callable[[str], None]
    events: list[Event] = field(default_factory=list)

    @property
    def eb(self) -> told.Client:
        return self.clients("elasticbeanstalk")

    def converge(self, rollback: str, check: bool) -> Outcome:
        before = told.observe(self.eb, self.wanted.name)
        if not check:
            before = self._quiet(before)
        elif before and before.status == told.GOING:
            before = None
        if rollback:
            # who goes back says which version, and nothing of how the environment shall be
            kept = before.options if before else {}
            self.wanted = replace(self.wanted, version=self._label(rollback, before), options=kept)
        elif before and not self.wanted.version:
            self.wanted = replace(self.wanted, version=before.version)
        facts = told.facts(self.clients, self.wanted, before)
        problems, lacking = list(standing(self.wanted, before, facts)), list(missing(self.wanted, facts))
        problems += [] if check else [one.problem for one in lacking]
        if problems:
            raise SlipwayError("\n".join(problems))
        change = beanstalk.plan(self.wanted, before) if before else Change()
        plan = beanstalk_text.changed(change, before) if before else beanstalk_text.made(self.wanted)
        if check or (before and not change):
            return Outcome([*(one.note for one in lacking), *plan], before, before)
        after = self._update(before, change) if before else self._create(facts.platform)
        return Outcome(plan, before, after, self.events)

    def terminate(self, check: bool) -> Outcome:
        found = told.observe(self.eb, self.wanted.name)
        plan = [f"terminate the environment {self.wanted.name}"] if found else []
        if found and found.application != self.wanted.application:
            raise SlipwayError(f"The environment {self.wanted.name} is one of the application {found.application}.")
        if not found or check:
            return Outcome(plan, found, found)
        if found.status != told.GOING:
            self._quiet(found)
            self.eb.terminate_environment(EnvironmentId=found.id)
        self._until(found.id, (told.GONE,), "to be terminated")
        return Outcome(plan, found, None)

    @property
    def _logs(self) -> str:
        return f"What the instances wrote: eb logs {self.wanted.name}"

    def _label(self, rollback: str, before: Found | None) -> str:
        if not before:
            raise SlipwayError(f"rollback is {rollback}, and there is no environment {self.wanted.name} to go back in.")
        if rollback != PREVIOUS:
            return rollback
        return told.ran_well_before(self.eb, self.wanted.application, self.wanted.name, before.version)

    def _quiet(self, found: Found | None) -> Found | None:
        """Whatever somebody else does with it comes to its end."""
        if not found or found.status == told.READY:
            return found
        if found.status == told.GOING:
            self._until(found.id, (told.GONE,), "to be terminated")
        else:
            self._until(found.id, (told.READY, told.GONE), "to be ready, for somebody else changes it")
        return told.observe(self.eb, self.wanted.name)

    def _until(self, environment_id: str, states: Collection[str], what: str) -> None:
        told.until(
            lambda: told.status(self.eb, environment_id),
            lambda last: last.status in states,
            self.seconds,
            lambda last: f"{self.wanted.name} {what}: {_state(last)}",
        )

    def _create(self, platform: str) -> Found:
        wanted = self.wanted
        prefix = {"CNAMEPrefix": wanted.cname_prefix} if wanted.cname_prefix else {}
        answer = self.eb.create_environment(
            ApplicationName=wanted.application,
            EnvironmentName=wanted.name,
            VersionLabel=wanted.version,
            PlatformArn=platform,
            OptionSettings=told.settings(wanted.options),
            Tier={"Name": "WebServer", "Type": "Standard"},
            **prefix,
        )
        problems = self._ended(answer)
        if problems:
            head = f"The environment {wanted.name} was made, and is not well:"
            raise SlipwayError("\n".join([head, *problems, self._logs]))
        return self._now(answer["EnvironmentId"])

    def _update(self, before: Found, change: Change) -> Found:
        if change.version and before.version and before.health == beanstalk.WELL:
            told.remember(self.eb, before.application, self.wanted.name, before.version)
        problems = self._ended(self._request(before.id, change))
        if problems:
            head = f"The environment {self.wanted.name} could not be brought to what is wanted:"
            raise SlipwayError("\n".join([head, *problems, self._back(before, change), self._logs]))
        return self._now(before.id)

    def _request(self, environment_id: str, change: Change) -> dict[str, Any]:
        version = {"VersionLabel": change.version} if change.version else {}
        removed = [{"Namespace": space, "OptionName": name} for space, name in change.remove]
        answer: dict[str, Any] = self.eb.update_environment(
            EnvironmentId=environment_id,
            OptionSettings=told.settings(change.options),
            OptionsToRemove=removed,
            **version,
        )
        return answer

    def _back(self, before: Found, touched: Change) -> str:
        """What became of the environment after a request that went wrong."""
        mixed = meaning.mixed(self.events)
        try:
            after = self._quiet(self._now(before.id)) or self._now(before.id)
            change = beanstalk.going_back(before, after, touched)
            if not change and touched.version != before.version and (mixed or after.health == beanstalk.UNWELL):
                change = Change(before.version)
            if not change:
                return f"Nothing is left to go back from: {_state(after)}"
            problems = self._ended(self._request(before.id, change))
        except SlipwayError as late:
            problems = [str(late)]
        if problems:
            return "\n".join([f"Going back to {before.version} went wrong as well:", *problems])
        return f"It was brought back: {_state(self._now(before.id))}"

    def _now(self, environment_id: str) -> Found:
        return told.observe(self.eb, self.wanted.name) or told.status(self.eb, environment_id)

    def _ended(self, answer: dict[str, Any]) -> list[str]:
        """Wait for the end of a request; what went wrong."""
        request = _Request(self.eb, answer["EnvironmentId"], answer["ResponseMetadata"]["RequestId"], self.log)
        waited = f"{self.wanted.name} to be ready"
        told.until(request.look, request.ended, self.seconds, lambda last: f"{waited}: {_state(last)} {request.last}")
        self.events += request.said
        if meaning.failed(request.said):
            return meaning.complaints(request.said)
        return self._unwell(answer["EnvironmentId"]) or self._unanswered(answer["EnvironmentId"])

    def _unwell(self, environment_id: str) -> list[str]:
        """Wait until its health is good."""
        try:
            told.until(
                lambda: told.status(self.eb, environment_id),
                lambda last: last.health == beanstalk.WELL,
                SETTLE_SECONDS,
                lambda last: f"{self.wanted.name} to be well: {_state(last)}",
            )
        except SlipwayError as late:
            # who has a warning that stays serves all the same
            yellow = told.status(self.eb, environment_id).health == "Yellow"
            return [] if yellow else [str(late), *self._causes()]
        return []

    def _causes(self) -> list[str]:
        try:
            asked = {"EnvironmentName": self.wanted.name, "AttributeNames": ["Causes"]}
            return list(self.eb.describe_environment_health(**asked).get("Causes", ()))
        except self.eb.exceptions.ClientError:
            return []  # without enhanced health nobody knows

    def _unanswered(self, environment_id: str) -> list[str]:
        """Ask the application itself, several times."""
        where = told.status(self.eb, environment_id).cname
        name, _, port = where.partition(":")
        if beanstalk.only_encrypted(self.wanted.options):
            scheme, connect = "https", health.encrypted(name, int(port or 443), name)
        else:
            scheme, connect = "http", health.at(name, int(port or 80))
        for _ in range(ANSWERS):
            answer = health.wait(connect, health.Site(self.health_path, where, scheme), ANSWER_SECONDS, lambda: True)
            if not answer.well:
                return [f"{scheme}://{where}{self.health_path} does not answer with success: {answer.said}"]
        return []


@dataclass
class _Request:
    """What the platform says of one request, until it is done with it."""

    eb: told.Client
    environment_id: str
    id: str
    log: Callable[[str], None]
    said: list[Event] = field(default_factory=list)
    ready_since: float = 0.0

    @property
    def last(self) -> str:
        return f"The last event: {self.said[-1]}" if self.said else "There were no events."

    def look(self) -> Found:
        found = told.status(self.eb, self.environment_id)
        heard = told.events(self.eb, EnvironmentId=self.environment_id, RequestId=self.id)
        new = [one for one in heard if one not in self.said]
        for one in new:
            self.log(str(one))
        self.said += new
        return found

    def ended(self, found: Found) -> bool:
        if found.status not in (told.READY, told.GONE):
            self.ready_since = 0.0
            return False
        self.ready_since = self.ready_since or time.monotonic()
        return meaning.ended(self.said) or time.monotonic() > self.ready_since + SAID_SECONDS


def _state(found: Found) -> str:
    return f"it is {found.status} and {found.health}, with the version {found.version or '(none)'}."
