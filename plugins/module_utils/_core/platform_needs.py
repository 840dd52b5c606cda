# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which packages a platform's processes need, and what of a commit a platform would take for something else."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ansible_collections.slipway.flask.plugins.module_utils._core.platform import BEANSTALK
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_tree import LOCK

UWSGI = ("pyuwsgi", "uwsgi")
DRIVERS = ("psycopg2", "psycopg2-binary", "psycopg", "pg8000", "asyncpg")
CELERY, SQS = ("celery",), ("pycurl",)
# of which a platform takes one, and complains of two
PACKAGE_FILES = ("requirements.txt", "Pipfile.lock", "poetry.lock", "uv.lock")


def judge_pins(pins: Collection[str], target: str, web: str, celery: bool, database: bool) -> Iterator[str]:
    """`pins`: the packages of the lock; `web`: the command that serves."""
    needs = (
        (web.startswith("uwsgi"), "The process type web", UWSGI),
        (celery, "The process type celery", CELERY),
        (celery and target == BEANSTALK, "Celery over SQS", SQS),
        (database, "DATABASE_URL", DRIVERS),
    )
    for needed, who, packages in needs:
        if needed and not set(packages) & set(pins):
            yield (
                f"{who} needs {' or '.join(packages[:3])}, which is not among the requirements. Write it there, or"
                f" app_packages: [{packages[0]}]"
            )


def judge_package_files(requirements: str | None, paths: Collection[str]) -> Iterator[str]:
    """`requirements`: what `app_requirements` says."""
    found = [name for name in PACKAGE_FILES if name in paths]
    if len(found) > 1 and requirements not in found:
        yield (
            f"The commit has {' and '.join(found)}, and a platform takes one. Remove the others, or say which counts:"
            f" app_requirements: {found[0]}"
        )


def replaced(paths: Collection[str]) -> list[str]:
    """Files of the commit that go, since the lock says with hashes what they say."""
    return [name for name in (*PACKAGE_FILES, "Pipfile") if name in paths and name != LOCK]


def judge_covered(generated: Collection[str], paths: Collection[str]) -> Iterator[str]:
    """Files of the app's that ours would cover."""
    for path in sorted(set(generated) & set(paths) - {LOCK}):
        yield f"The commit has {path}, which is made from the inventory here: remove it from the repository."
