# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands on top of a tested commit when a platform is given it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import (
    lockfile,
    migrations,
    platform_beanstalk,
    platform_differences,
    platform_heroku,
    platform_needs,
    platform_tree,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.platform import HEROKU
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_parity import View
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_start import Serving
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_tree import Shape
from ansible_collections.slipway.flask.plugins.module_utils._core.programs import SERVES
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import listing
from ansible_collections.slipway.flask.plugins.module_utils._host import schema
from ansible_collections.slipway.flask.plugins.module_utils._host.git import Repository
from ansible_collections.slipway.flask.plugins.module_utils._host.shipment import Addition

ROLES = Path(__file__).resolve().parents[2] / "roles"
# programs that hosts of one's own have as well, at their place in the tree
PROGRAMS = {
    platform_tree.HOLDER: ROLES / "supervisor/files/lock.py",
    platform_tree.SCHEDULE: ROLES / "supervisor/files/slipway_schedule.py",
    platform_tree.MIGRATOR: ROLES / "platform/files/migrate.py",
}


def source(gate: Mapping[str, Any]) -> Repository:
    """Where the commit is read from."""
    return Repository(gate["repository"], Path(gate["repository"]))


def additions(view: View, serving: Serving, target: str, gate: Mapping[str, Any]) -> dict[str, Addition | None] | None:
    """Path -> file, or None for a file of the commit that goes. None altogether without a record of its tests.

    Raises with everything that speaks against the commit.
    """
    repository = source(gate)
    entries = {entry.path: entry for entry in repository.entries(gate["tree"])}
    files = migrations.files(entries)
    texts = repository.contents([entries[path].blob for path in files])
    revisions = migrations.read(text.decode("utf-8", "replace") for text in texts)
    shape = Shape(view.app, view.python, serving, view.celery, gate["commit"], revisions)
    if target == HEROKU:
        generated = platform_heroku.files(shape, view.platforms.heroku, entries)
    else:
        generated = platform_beanstalk.files(shape, view.platforms.beanstalk, entries)
    build = gate["builds"][view.python]
    lock = Path(build["lock"]["path"]).read_bytes()
    problems = [*_judge(view, target, lockfile.pins(lock.decode()), entries)]
    if problems := [*problems, *platform_needs.judge_covered(generated, entries)]:
        raise SlipwayError(listing(problems))
    if not build.get("attestation"):
        return None
    added: dict[str, Addition | None] = dict.fromkeys(platform_needs.replaced(entries))
    added |= {path: Addition(text.encode(), path in platform_heroku.EXECUTABLE) for path, text in generated.items()}
    added |= {path: Addition(file.read_bytes()) for path, file in PROGRAMS.items()}
    added[platform_tree.WHERE] = Addition(schema.ASK.lstrip().encode())
    added[platform_tree.LOCK] = Addition(lock)
    added[platform_tree.ATTESTATION] = Addition(Path(build["attestation"]["path"]).read_bytes())
    added[platform_tree.SIGNATURE] = Addition(Path(build["signature"]["path"]).read_bytes())
    return added


def _judge(view: View, target: str, pins: Mapping[str, str], paths: Mapping[str, Any]) -> Iterator[str]:
    web = platform_tree.processes(view.app, view.celery)[SERVES]
    database = bool(platform_differences.has_database(view)[target])
    yield from platform_needs.judge_pins(pins, target, web, view.celery is not None, database)
    yield from platform_needs.judge_package_files(view.app.requirements, paths)
    if target == HEROKU and platform_heroku.RUNTIME in paths:
        yield f"The commit has {platform_heroku.RUNTIME}, which Heroku takes before app_python: remove it."
