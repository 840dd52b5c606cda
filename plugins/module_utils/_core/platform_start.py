# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a platform starts an app: its uWSGI, and what a release does to the database before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.slipway.flask.plugins.module_utils._core.app import App
from ansible_collections.slipway.flask.plugins.module_utils._core.migrations import Revision
from ansible_collections.slipway.flask.plugins.module_utils._core.wsgi import SHIM_NAME

PROCESSES, PORT = 2, 8000


@dataclass(frozen=True)
class Serving:
    """How large a server is: processes (0: what the platform says), threads of each, and the longest request."""

    processes: int
    threads: int
    request_seconds: int


def uwsgi(serving: Serving, static: Mapping[str, str]) -> str:
    """uWSGI behind a router that speaks HTTP."""
    count = f"processes = {serving.processes}\n"
    if not serving.processes:
        # the platform knows how many fit into the memory that it gives
        count = "if-env = WEB_CONCURRENCY\nprocesses = $(WEB_CONCURRENCY)\nendif =\n"
        count += f"if-not-env = WEB_CONCURRENCY\nprocesses = {PROCESSES}\nendif =\n"
    served = "".join(f"static-map = {prefix}={folder}\n" for prefix, folder in static.items())
    return (
        "; Made by slipway.flask.\n[uwsgi]\nstrict = true\nmaster = true\nneed-app = true\nno-orphans = true\n"
        "; each process loads the application itself: a connection opened at import must not be shared by a fork\n"
        "lazy-apps = true\n"
        "; told to end, it answers what is in flight, and ends\n"
        "die-on-term = true\nhook-master-start = unix_signal:15 gracefully_kill_them_all\n"
        # where its nginx looks for the app when nobody says otherwise
        f"if-env = PORT\nhttp-socket = :$(PORT)\nendif =\nif-not-env = PORT\nhttp-socket = :{PORT}\nendif =\n"
        "pythonpath = .\n"
        f"wsgi-file = {SHIM_NAME}\n{count}threads = {serving.threads}\nenable-threads = true\n"
        f"harakiri = {serving.request_seconds}\nbuffer-size = 32768\n{served}"
        "disable-logging = true\nlog-5xx = true\nlog-date = true\n"
    )


def migrations_of(app: App, revisions: Mapping[str, Revision]) -> str:
    """For migrate.py, which knows no more than this."""
    known = {
        name: {"after": sorted(_ancestors(revisions, name)), "text": one.text, "drops": bool(one.drops)}
        for name, one in revisions.items()
    }
    told = {
        "init": list(app.init_commands),
        "migrate": list(app.migrate_commands),
        "destructive": app.migrate_destructive,
        "revisions": known,
    }
    return json.dumps(told, indent=1, sort_keys=True) + "\n"


def _ancestors(revisions: Mapping[str, Revision], name: str) -> set[str]:
    ahead, found = list(revisions[name].after), set[str]()
    while ahead:
        one = ahead.pop()
        if one in revisions and one not in found:
            found.add(one)
            ahead += revisions[one].after
    return found
