# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Send notices without anybody waiting for who gets them, and collect afterwards what went wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.notify import Notice, Targets, body
from ansible_collections.slipway.flask.plugins.plugin_utils import messenger

SLACK = 2.0  # seconds a messenger may need besides those that it gives its targets


@dataclass
class Courier:
    """Notices arrive in the order in which they were sent: the next one goes when the one before is settled."""

    targets: Targets
    _under_way: subprocess.Popen[str] | None = field(default=None, init=False)

    def send(self, notice: Notice) -> list[str]:
        """Give it to a messenger; what went wrong with the one before. Addresses go through a pipe, not arguments."""
        problems = self.settle()
        self._under_way = subprocess.Popen(
            [sys.executable, "-I", str(Path(messenger.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        order = {"targets": asdict(self.targets), "notice": body(notice), "headline": notice.headline}
        assert self._under_way.stdin
        self._under_way.stdin.write(json.dumps(order))
        self._under_way.stdin.close()
        self._under_way.stdin = None
        return problems

    def settle(self) -> list[str]:
        """What went wrong with the notice that is under way, a sentence each."""
        process, self._under_way = self._under_way, None
        if process is None:
            return []
        try:
            said, _ = process.communicate(timeout=messenger.SECONDS + SLACK)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
        return said.splitlines()
