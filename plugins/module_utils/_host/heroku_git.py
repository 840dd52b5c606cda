# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The repository of an app at Heroku: what it holds, and giving it a commit. The key travels in the environment."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core import heroku_health
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_formation import types
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_release import BRANCH, SHOWN
from ansible_collections.slipway.flask.plugins.module_utils._host import command, git


class Remote:
    """`tree` is the repository here, `url` the one over there."""

    def __init__(self, tree: Path, url: str, key: str) -> None:
        self.tree, self.url, self._key = tree, url, key

    def head(self) -> str:
        """The commit that is over there; empty in a repository without one."""
        done = self._git("ls-remote", "--", self.url, BRANCH, seconds=git.READ_SECONDS)
        if not done.ok:
            raise SlipwayError(f"Cannot read {self.url}:{heroku_health.tail(self._hidden(done.tail()))}")
        return next(iter(done.stdout.split()), "")

    def has(self, commit: str) -> bool:
        return self._git("cat-file", "-e", f"{commit}^{{commit}}", seconds=git.READ_SECONDS).ok

    def types(self, commit: str) -> set[str] | None:
        """Process types of the Procfile in a commit; None without one."""
        done = self._git("show", f"{commit}:Procfile", seconds=git.READ_SECONDS)
        return types(done.stdout) if done.ok else None

    def follows(self, commit: str, head: str) -> bool:
        """Whether a push of `commit` keeps what is over there."""
        return not head or self._git("merge-base", "--is-ancestor", head, commit, seconds=git.READ_SECONDS).ok

    def push(self, commit: str, head: str, seconds: float) -> str:
        """The platform's words. Nobody's push in between is lost: what is replaced is `head`, or nothing is."""
        lease = f"--force-with-lease={BRANCH}:{head}"
        done = self._git("push", "--no-verify", lease, "--", self.url, f"{commit}:{BRANCH}", seconds=seconds)
        said = self._hidden(done.stderr)
        if done.timed_out:
            raise SlipwayError(
                f"The build of {commit[:SHOWN]} took longer than wait_seconds ({seconds:.0f} s), and may go on at"
                f" Heroku. The last that it said:{heroku_health.push_failed(said)}"
            )
        if not done.ok:
            raise SlipwayError(
                f"Heroku did not take {commit[:SHOWN]}; what was live stays live:{heroku_health.push_failed(said)}"
            )
        return said

    def _git(self, *arguments: str, seconds: float) -> command.Result:
        return git.run(["-C", str(self.tree), *arguments], timeout=seconds, environment=self._access())

    def _access(self) -> Mapping[str, str]:
        """No helper of this machine gives another account's password."""
        rows = ((f"http.{self.url}.extraHeader", f"Authorization: Basic {self._token}"), ("credential.helper", ""))
        settings = {"GIT_CONFIG_COUNT": str(len(rows)), "GIT_ALLOW_PROTOCOL": "http:https"}
        for number, (name, value) in enumerate(rows):
            settings |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
        return settings

    @property
    def _token(self) -> str:
        return base64.b64encode(f":{self._key}".encode()).decode()

    def _hidden(self, said: str) -> str:
        return said.replace(self._token, "********").replace(self._key, "********")
