# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody who keeps asking a site at a steady rate, whatever happens to it: open loop, as visitors are."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

PATIENCE = 10.0


def ask(url: str, name: str = "") -> str:
    """What a visitor of the site `name` gets, on a connection of its own; anything but a success raises."""
    asked = urllib.request.Request(url, headers={"Host": name} if name else {})
    try:
        with urllib.request.urlopen(asked, timeout=PATIENCE) as response:
            body: bytes = response.read()
    except urllib.error.HTTPError as refused:
        refused.close()  # it holds the connection, and would be found open in another test
        raise
    return body.decode()


Visit = Callable[[str, str], str]
"""Like `ask`."""


@dataclass(frozen=True)
class Answer:
    """`seconds` count from when the request was due, so a stall is seen by all who came while it lasted."""

    at: float
    seconds: float
    problem: str
    commit: str


class Probe:
    """`with Probe(url) as probe:` asks /version that often. Afterwards `probe.answers` has one entry a request."""

    def __init__(
        self, url: str, rate: float = 20.0, path: str = "/version", name: str = "", visit: Visit = ask
    ) -> None:
        self._url, self._rate, self._name, self._visit = url + path, rate, name, visit
        self.answers: list[Answer] = []
        self._end = threading.Event()
        self._first = threading.Event()
        self._clock = threading.Thread(target=self._run)

    def __enter__(self) -> Probe:
        self._clock.start()
        assert self._first.wait(PATIENCE), f"{self._url} never answered"
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.set()
        self._clock.join()

    @property
    def failures(self) -> list[Answer]:
        return [answer for answer in list(self.answers) if answer.problem]

    @property
    def slowest(self) -> float:
        return max((answer.seconds for answer in list(self.answers)), default=0.0)

    @property
    def commits(self) -> list[str]:
        """Every commit that answered, in the order in which they came first."""
        return list(dict.fromkeys(answer.commit for answer in list(self.answers) if answer.commit))

    def unbroken(self, slowest: float = PATIENCE) -> None:
        """Everybody was answered, within so many seconds."""
        assert not self.failures, f"{len(self.failures)} of {len(self.answers)} failed: {self.failures[:3]}"
        assert self.slowest <= slowest, f"the slowest of {len(self.answers)} answers took {self.slowest:.2f} s"

    def _run(self) -> None:
        begun, number = time.monotonic(), 0
        with ThreadPoolExecutor(64) as visitors:
            while not self._end.is_set():
                due = begun + number / self._rate
                self._end.wait(due - time.monotonic())
                visitors.submit(self._ask, due)
                number += 1

    def _ask(self, due: float) -> None:
        problem, commit = "", ""
        try:
            commit = json.loads(self._visit(self._url, self._name)).get("commit", "")
        except (OSError, ValueError) as error:
            problem = f"{type(error).__name__}: {error}"
        self.answers.append(Answer(time.time(), time.monotonic() - due, problem, commit))
        self._first.set()
