# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a playbook as a user does, in a process of its own, and keep what it said."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .project import ROOT

LIMIT = 300.0


@dataclass(frozen=True)
class Run:
    """A run that ended. `account` is what the steps callback wrote: seconds, remote steps, plays, hosts."""

    rc: int
    output: str
    log: Path
    account: Mapping[str, Any] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        return int(self.account["changed"])

    @property
    def remote_steps(self) -> int:
        return int(self.account["remote_steps"])

    @property
    def seconds(self) -> float:
        return float(self.account["seconds"])

    def good(self) -> Run:
        """This run, when it succeeded."""
        assert self.rc == 0, f"exit {self.rc}; the end of {self.log}:\n{self.output[-4000:]}"
        return self

    def bad(self, *said: str) -> Run:
        """This run, when it failed in the words of all of `said`."""
        assert self.rc not in (0, None), f"it succeeded; the end of {self.log}:\n{self.output[-4000:]}"
        flat = " ".join(self.output.split())
        silent = [text for text in said if " ".join(text.split()) not in flat]
        assert not silent, f"does not say {silent}; the end of {self.log}:\n{self.output[-6000:]}"
        return self


class Playing:
    """A run under way, in a process group of its own: `kill` ends ansible-playbook and all of its workers.

    `with` ends it with a test that fails meanwhile.
    """

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        self._steps = log.with_suffix(".json")
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                argv,
                cwd=ROOT,
                env={**os.environ, **environment, "SLIPWAY_STEPS_FILE": str(self._steps)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Playing:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.running:
            self.kill()

    @property
    def output(self) -> str:
        """What it has said so far."""
        return self.log.read_text(errors="replace")

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def wait(self, limit: float = LIMIT) -> Run:
        try:
            rc = self.process.wait(limit)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"not done after {limit:.0f} s; the end of {self.log}:\n{self.output[-4000:]}"
            ) from None
        account = json.loads(self._steps.read_text()) if self._steps.exists() else {}
        return Run(rc, self.output, self.log, account)

    def kill(self, sign: signal.Signals = signal.SIGKILL) -> None:
        os.killpg(self.process.pid, sign)
        self.process.wait()
