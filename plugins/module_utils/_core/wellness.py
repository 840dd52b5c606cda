# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with an app on its hosts, from their reports: whatever somebody has to look at now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import backup_text, broker_report
from ansible_collections.slipway.flask.plugins.module_utils._core.certificate import LATE_DAYS
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import lease
from ansible_collections.slipway.flask.plugins.module_utils._core.room import NEXT_DISK_MB
from ansible_collections.slipway.flask.plugins.module_utils._core.status import duration

Report = Mapping[str, Any]

NEARLY_FULL_MB = 2 * NEXT_DISK_MB  # room for one more release, and not for two


def judge(report: Report) -> list[str]:
    """Everything that is wrong with one host, each a sentence without the host's name."""
    checks = CHECKS if "live" in report else (_backup,)
    found = [problem for check in checks for problem in check(report)]
    return found + (list(broker_report.judge(report["broker"])) if report.get("broker") else [])


def judge_fleet(reports: Mapping[str, Report]) -> list[str]:
    """What is wrong only between hosts that are right each for itself."""
    commits: dict[str, list[str]] = {}
    for host, report in reports.items():
        if report.get("live"):
            commits.setdefault(report["live"]["commit"], []).append(host)
    if len(commits) < 2:
        return []
    sides = "; ".join(f"{commit[:12]} on {', '.join(hosts)}" for commit, hosts in commits.items())
    return [f"The hosts serve different commits: {sides}. Type: ansible-playbook slipway.flask.deploy -i INVENTORY"]


def told(problems: Sequence[str]) -> str:
    head = "One thing is wrong." if len(problems) == 1 else f"{len(problems)} things are wrong."
    return "\n".join([head, *(f"  * {problem}" for problem in problems)])


def _shipped(report: Report) -> Iterator[str]:
    live = report["live"]
    if not live:
        yield f"Nothing has been shipped to this host yet: {report['name']} is not served."
    elif live["verdict"] != "good" and not _at_work(report):
        yield f"The run that brought {live['release']} live never ended (verdict {live['verdict']}). Deploy again."


def _slots(report: Report) -> Iterator[str]:
    for slot in report["slots"]:
        if slot["state"] != "RUNNING":
            yield f"Slot {slot['slot']} is down: {slot['state'].lower()}."
        elif not slot["well"]:
            yield f"Slot {slot['slot']} is not well: {slot['said']}"
        elif slot["release"] != report["live"]["release"]:
            yield f"Slot {slot['slot']} runs {slot['release'] or 'nothing'}, which is not live. Deploy again."


def _site(report: Report) -> Iterator[str]:
    if report["site"] and not report["site"]["well"]:
        yield f"The site is not well: {report['site']['said']}"


def _certificate(report: Report) -> Iterator[str]:
    found = report["certificate"]
    if found and found["days_left"] is None:
        yield "The certificate of the site cannot be read. Type: ansible-playbook slipway.flask.setup -i INVENTORY"
    elif found and found["days_left"] < LATE_DAYS:
        yield f"The certificate of the site ends on {found['ends'][:10]}, and nothing has renewed it."


def _database(report: Report) -> Iterator[str]:
    found = report["database"]
    if found and found["size_mb"] is None:
        yield f"The database on {found['host']} does not answer: {found['said']}"
    elif found and not found["beat"] and any(slot["slot"].startswith("beat:") for slot in report["slots"]):
        yield "No host sends tasks by the clock: nobody has the lock of beat. See the log of the program beat."


def _backup(report: Report) -> Iterator[str]:
    yield from backup_text.problems(report.get("backup"))


def _units(report: Report) -> Iterator[str]:
    for unit, state in report["units"].items():
        if state != "active":
            yield f"The unit {unit} is {state}. See: systemctl status {unit}"


def _lock(report: Report) -> Iterator[str]:
    lock = report["lock"]
    if lock and not _at_work(report):
        quiet = duration(round(lock["quiet_seconds"]))
        why = "its process is gone" if lock.get("dead") else f"it was last heard of {quiet} ago"
        yield (
            f"The lock is held by a run that is dead: {lock['by']}, process {lock['pid']}; {why}."
            " The next deploy takes it over."
        )


def _disk(report: Report) -> Iterator[str]:
    for mount, free in report["disk_free_mb"].items():
        if free < NEARLY_FULL_MB:
            yield f"The disk is nearly full: {mount} has {free} MB free. A deploy needs {NEXT_DISK_MB} MB."


def _at_work(report: Report) -> bool:
    """Whether somebody ships at this moment. `dead` is known to the controller whose process it was."""
    lock = report["lock"]
    return bool(lock) and not lock.get("dead") and lock["quiet_seconds"] <= lease(lock["act"])


CHECKS: tuple[Callable[[Report], Iterator[str]], ...] = (
    _shipped,
    _slots,
    _site,
    _certificate,
    _database,
    _backup,
    _units,
    _lock,
    _disk,
)
