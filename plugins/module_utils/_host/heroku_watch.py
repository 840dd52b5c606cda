# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wait for what goes on at Heroku, each time with a limit: a release, its dynos, and the site's answers."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.slipway.flask.plugins.module_utils._core import heroku_formation, heroku_health, heroku_release
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_formation import WEB, Kind
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_release import Release
from ansible_collections.slipway.flask.plugins.module_utils._host import health
from ansible_collections.slipway.flask.plugins.module_utils._host.heroku_api import Api, pauses

NEWEST = 30  # releases that are looked at
# one good answer is no proof
ANSWERS, ANSWERS_PAUSE = 5, 0.5
# a dyno that crashed is started again at once; one that stays down is given up, and so is a site that stays unwell
CRASHED_SECONDS, UNWELL_SECONDS = 8.0, 30.0
LOG_LINES = 100


class Unwell(SlipwayError):
    """A release that does not do what it should, in words of the platform."""


@dataclass(frozen=True)
class Watch:
    """An app, and how long each wait may last."""

    api: Api
    app: str
    seconds: float

    @property
    def path(self) -> str:
        return f"/apps/{self.app}"

    def releases(self) -> list[Release]:
        """The newest first."""
        rows = self.api.get(f"{self.path}/releases", Range=f"version ..; order=desc,max={NEWEST}")
        return sorted(map(heroku_release.read_release, rows), key=lambda one: -one.version)

    def formation(self) -> dict[str, Kind]:
        return heroku_formation.read(self.api.get(f"{self.path}/formation"))

    def settled(self, newer_than: int = 0) -> Release:
        """The newest release, once it is no longer pending."""
        deadline = time.monotonic() + self.seconds
        for pause in pauses():
            newest = self.releases()[0]
            if newest.version > newer_than and newest.status != "pending":
                return newest
            if time.monotonic() > deadline:
                raise SlipwayError(
                    f"Waited {self.seconds:.0f} s (wait_seconds) for a release of {self.app} after v{newer_than}; the"
                    f" newest is {newest.name} ({newest.description}), {newest.status}."
                    f" Type: heroku releases --app {self.app}"
                )
            time.sleep(pause)
        raise AssertionError("pauses do not end")

    def phase(self, release: Release) -> str:
        """What the release phase said."""
        said = self.api.stream(release.output) if release.output else ""
        return heroku_health.tail(said) or " (its release phase said nothing)"

    def well(self, release: Release, site: str, formation: Mapping[str, Kind], answers: int = ANSWERS) -> None:
        """Wait until all dynos run the release and the site answers, several times in a row. Raises `Unwell`."""
        began, good, since = time.monotonic(), 0, dict[str, float]()
        asked = bool(site and formation.get(WEB, Kind(0, "")).quantity)
        for pause in pauses():
            dynos = heroku_health.read_dynos(self.api.get(f"{self.path}/dynos"))
            wrong = heroku_health.missing(dynos, formation, release.version)
            bad = dict.fromkeys(heroku_health.crashed(dynos, formation, release.version), CRASHED_SECONDS)
            if asked and not wrong:
                answer = ask(site)
                if not answer.well:
                    wrong, bad[site] = [f"{site} is not well: {answer.said[:500]}"], UNWELL_SECONDS
            good = 0 if wrong else good + 1
            if good >= answers:
                return
            now = time.monotonic()
            since = {name: since.get(name, now) for name in bad}
            if wrong and (now - began > self.seconds or any(now - since[name] > bad[name] for name in bad)):
                raise Unwell(f"{'; '.join(wrong)}")
            time.sleep(min(pause, ANSWERS_PAUSE))

    def log(self) -> str:
        """The end of the app's log."""
        session = self.api.send("POST", f"{self.path}/log-sessions", {"lines": LOG_LINES, "tail": False})
        return heroku_health.tail(self.api.stream(session["logplex_url"])) or " (the log is empty)"


def ask(url: str) -> health.Answer:
    """One question as a visitor asks it, redirects followed."""
    started = time.monotonic()
    request = urllib.request.Request(url, headers={"User-Agent": "slipway-health"})
    try:
        with urllib.request.urlopen(request, timeout=health.ASK_SECONDS) as answer:
            status, said = answer.status, answer.read(2000)
    except urllib.error.HTTPError as error:
        with error:
            status, said = error.code, error.read(2000)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return health.Answer(0, f"no answer ({error})", time.monotonic() - started)
    return health.Answer(status, f"{status}: {said.decode('utf-8', 'replace')}", time.monotonic() - started)
