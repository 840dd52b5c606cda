# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files that a platform needs beside an app's own: what its processes are, and how they are started.

They are the same for every platform, but for what `platform_heroku` and `platform_beanstalk` add.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.slipway.flask.plugins.module_utils._core import celery_programs
from ansible_collections.slipway.flask.plugins.module_utils._core.app import App
from ansible_collections.slipway.flask.plugins.module_utils._core.celery import BEAT, WORKER, Celery
from ansible_collections.slipway.flask.plugins.module_utils._core.migrations import Revision
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_start import Serving, migrations_of, uwsgi
from ansible_collections.slipway.flask.plugins.module_utils._core.programs import SERVES
from ansible_collections.slipway.flask.plugins.module_utils._core.wsgi import SHIM_NAME, parse, render_shim

OURS = ".slipway"
ATTESTATION, SIGNATURE = f"{OURS}/attestation.json", f"{OURS}/attestation.json.sig"
LOCK = "requirements.txt"
PROCFILE, UWSGI, MIGRATE = "Procfile", "uwsgi.ini", f"{OURS}/migrate.json"
HOLDER, MIGRATOR, WHERE = f"{OURS}/lock.py", f"{OURS}/migrate.py", f"{OURS}/where.py"
SCHEDULE = f"{OURS}/beat/slipway_schedule.py"
# as long as another one migrates, a release waits
MIGRATE_WAIT_SECONDS = 600
WORKERS = 2


@dataclass(frozen=True)
class Shape:
    """An app as a platform shall run it."""

    app: App
    python: str
    serving: Serving
    celery: Celery | None  # None: no worker
    commit: str
    revisions: Mapping[str, Revision] = field(default_factory=dict)

    @property
    def migrates(self) -> bool:
        return bool(self.app.init_commands or self.app.migrate_commands)


def processes(app: App, celery: Celery | None) -> dict[str, str]:
    """The commands of a Procfile. One called web serves the site."""
    found = {SERVES: app.programs.get(SERVES) or f"uwsgi {UWSGI}"}
    found |= {name: command for name, command in app.programs.items() if name != SERVES}
    if celery:
        found[WORKER] = celery_programs.worker(celery, str(celery.concurrency or WORKERS), f"{app.name}@%h")
        found |= {BEAT: celery_programs.beat(celery, HOLDER)} if celery.beat else {}
    return found


def migration(shape: Shape) -> str:
    """One command that does what init and migrate commands say; "" when there are none."""
    return f"python {HOLDER} --wait {MIGRATE_WAIT_SECONDS} migrate python {MIGRATOR}" if shape.migrates else ""


def procfile(commands: Mapping[str, str]) -> str:
    return "".join(f"{name}: {command}\n" for name, command in commands.items())


def files(shape: Shape, static: bool) -> dict[str, str]:
    """What every platform needs; `static`: uWSGI serves app_static, since nothing in front of it does."""
    found = {file.path: file.content for file in shape.app.files}
    if shape.app.wsgi:
        found[SHIM_NAME] = render_shim(parse(shape.app.wsgi))
        found[UWSGI] = uwsgi(shape.serving, shape.app.static if static else {})
    if shape.migrates:
        found[MIGRATE] = migrations_of(shape.app, shape.revisions)
    return found
