# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What could be shipped to the hosts with one Python: what it is made of, and how it is to be tested."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.attestation import GATE_VERSION, Wanted
from ansible_collections.slipway.flask.plugins.module_utils._core.interpreters import Interpreter
from ansible_collections.slipway.flask.plugins.module_utils._core.testplan import AppTest
from ansible_collections.slipway.flask.plugins.module_utils._core.wsgi import WsgiTarget
from ansible_collections.slipway.flask.plugins.module_utils._host import export
from ansible_collections.slipway.flask.plugins.module_utils._host.gaterecord import Record, Signer, described
from ansible_collections.slipway.flask.plugins.module_utils._host.git import Commit


@dataclass(frozen=True)
class Candidate:
    """One commit with one lock, before anybody knows whether its tests pass."""

    app_name: str
    commit: Commit
    minor: str
    interpreter: Interpreter
    lock: Path
    test_lock: Path
    installs: bool
    plan: AppTest
    imports: Mapping[str, WsgiTarget]  # variable -> what a server imports by it

    @property
    def key(self) -> str:
        """Named by all that could make its tests end differently."""
        locks = [export.digest(self.lock), export.digest(self.test_lock)]
        python = [self.minor, self.interpreter.path, self.interpreter.version]
        made_of = [
            GATE_VERSION,
            self.commit.tree,
            locks,
            python,
            self.plan.digest,
            str(self.imports),
            self.installs,
        ]
        return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:24]

    def outline(self) -> dict[str, Any]:
        """The build as far as it is known before its tests ran."""
        unknown = ("attestation", "signature", "tests", "junit", "log", "isolation")
        return {
            "python": self.minor,
            "interpreter": self.interpreter.version,
            "tested_on": self.interpreter.minor == self.minor,
            "lock": described(self.lock),
            "runner": self.plan.runner,
            "processes": self.plan.processes,
            "untested": not self.plan.enabled,
            "cached": False,
            **dict.fromkeys(unknown),
        }

    def kept(self, record: Record, artifact: Path, signer: Signer) -> dict[str, Any]:
        """The build from the cache; empty unless its record holds for these very files."""
        if not artifact.exists():
            return {}
        wanted = Wanted(self.app_name, export.digest(artifact), export.digest(self.lock), not self.plan.enabled)
        build = record.valid(wanted, signer)
        for used in (record.folder, artifact) if build else ():
            os.utime(used)  # what was used last is kept longest
        return {**build, **record.files(), "lock": described(self.lock), "cached": True} if build else {}
