# SPDX-License-Identifier: GPL-3.0-or-later
"""What was done to a host is told there, truthfully and in order; who is to know is told meanwhile."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import documents

from . import inside
from .commits import BAD, QUICK
from .ground import Ground
from .play import Run
from .project import ROOT
from .receiver import closed, receiver, silent
from .test_secrets import watching

HOOK = "/hooks/a-secret-that-whoever-knows-it-may-post"
SICK = next(bad for bad in BAD if bad.name == "a failing health check")
UNTESTED = next(bad for bad in BAD if bad.name == "a failing test")
PAGE = ROOT / "docs" / "status-and-history.md"
CONTROL = "supervisorctl -s unix:///run/slipway/blog/supervisor.sock"
WARNED = 2.0  # seconds besides the five in which a target may answer


@dataclass(frozen=True)
class Story:
    """A commit that went live, one that did not, the way back, and one that the tests refused."""

    here: Ground
    old: str
    new: str
    sick: str
    failing: str
    runs: Mapping[str, Run]
    notices: list[dict[str, Any]]
    shown: list[str]


@pytest.fixture(scope="module")
def story(shipped_ground: Ground) -> Iterator[Story]:
    here, runs, commits = shipped_ground, dict[str, Run](), dict[str, str]()
    here.describe(**QUICK)
    here.play("deploy").good()
    old = here.live()
    with receiver() as (address, notices), watching(HOOK) as shown:
        here.describe(**QUICK, notify_webhook=address + HOOK)
        commits["new"] = here.project.new_page("Worth telling")
        runs["new"] = here.play("deploy", "-vvv").good()
        runs["idle"] = here.play("deploy").good()
        for name, bad in (("sick", SICK), ("failing", UNTESTED)):
            commits[name] = here.project.commit(f"With {bad.name}", bad.edits(here.project))
            runs[name] = here.play("deploy").bad(*bad.said)
            here.project.reset(commits["new"])
    here.describe(**QUICK, notify_webhook=closed() + HOOK)
    runs["rollback"] = here.play("rollback").good()
    yield Story(here, old, **commits, runs=runs, notices=notices, shown=shown)
    here.describe(**QUICK)
    here.project.reset()
    here.play("deploy").good()


def documented(here: Ground, file: Path) -> Run:
    """What docs/status-and-history.md says for scripts, with a file of the test's own."""
    command = next(line for line in documents.commands(PAGE) if "status_file" in line)
    _, playbook, _, _, *rest = shlex.split(command.replace("status.json", str(file)))
    return here.play(playbook.rpartition(".")[2], *rest)


def last(rows: list[dict[str, Any]], count: int) -> list[tuple[str, str, str]]:
    return [(row["act"], row["outcome"], row["commit"]) for row in rows[-count:]]


def test_status_shows_the_last_runs_in_order(story: Story, tmp_path: Path) -> None:
    file = tmp_path / "status.json"
    run = documented(story.here, file).good()
    said = [" ".join(line.split()) for line in run.output.splitlines()]
    lines = [line for line in said if re.search(r"Z (deploy|rollback) (succeeded|failed|killed) ", line)]
    shown = [(words[2], words[3], words[4]) for words in map(str.split, lines)]
    happened = [
        ("deploy", "succeeded", story.new),
        ("deploy", "failed", story.sick),
        ("rollback", "succeeded", story.old),
    ]
    assert shown[-3:] == [(act, outcome, commit[:12]) for act, outcome, commit in happened]
    assert lines[-3].endswith("Worth telling")
    assert "the search index is missing" in said[said.index(lines[-2]) + 1]
    status = json.loads(file.read_text())
    [host] = status["hosts"].values()
    assert status["well"] is True and status["problems"] == []
    assert last(host["history"], 3) == happened
    assert all(row["by"] and row["at"] and row["seconds"] >= 0 and row["tests"] for row in host["history"][-3:])
    assert "the search index is missing" in host["history"][-2]["reason"]
    assert host["live"]["commit"] == story.old and len(host["slots"]) > 1


def test_history_is_roots_alone_and_survives_what_is_pruned(story: Story) -> None:
    path = "/var/lib/slipway/blog/history.jsonl"
    assert inside.sh(story.here.host, f"stat -c '%a %U' {path}") == "600 root"
    rows = inside.history(story.here.host)
    assert {row["commit"] for row in rows} > {story.sick, story.new}
    assert not [name for name in inside.shelf(story.here.host)["releases"] if name.startswith(story.sick[:12])]


def test_who_is_to_know_is_told_when_it_starts_and_how_it_ends(story: Story) -> None:
    assert [(notice["outcome"], notice["commit"]) for notice in story.notices] == [
        ("started", story.new),
        ("succeeded", story.new),
        ("started", story.sick),
        ("failed", story.sick),
        ("failed", ""),
    ]
    for notice in story.notices:
        assert (notice["app"], notice["act"], notice["path"]) == ("blog", "deploy", HOOK)
        assert notice["type"] == "application/json" and "@" in notice["by"]
        assert notice["hosts"] == [host.name for host in story.here.hosts]
        assert bool(notice["reason"]) is (notice["outcome"] == "failed")
    first, done, _, sick, failing = story.notices
    assert first["subject"] == "Worth telling" and 0 < first["seconds"] < done["seconds"]
    assert "the search index is missing" in sick["reason"] and "503" in sick["text"]
    assert f"at {story.failing[:10]} (With {UNTESTED.name}) do not let it ship" in failing["reason"]


def test_idle_run_tells_nobody_and_takes_no_further_step(story: Story) -> None:
    idle = story.runs["idle"]
    assert (idle.changed, idle.remote_steps) == (0, 2)


def test_the_address_is_shown_nowhere(story: Story) -> None:
    assert story.shown == []
    for run in story.runs.values():
        assert HOOK not in run.output
    assert not any(story.here.secret in json.dumps(notice) for notice in story.notices)
    assert not inside.sh(story.here.host, f"grep -rlsF -e {HOOK} /etc /srv /var /run /tmp /root || true")


def test_closed_port_is_a_warning(story: Story) -> None:
    run = story.runs["rollback"]
    assert "notify_webhook fails: [Errno 111] Connection refused" in " ".join(run.output.split())
    assert story.here.live() == story.old


def test_receiver_that_never_answers_is_a_warning(story: Story) -> None:
    with silent() as address:
        story.here.describe(**QUICK, notify_webhook=address + HOOK)
        run = story.here.play("deploy").good()
    assert "notify_webhook did not answer within 5 s" in " ".join(run.output.split())
    assert story.here.live() == story.new
    told = run.seconds - sum(play["seconds"] for play in run.account["plays"])
    assert told < 5 + WARNED


def test_check_mode_tells_nobody(story: Story) -> None:
    with receiver() as (address, notices):
        story.here.describe(**QUICK, notify_webhook=address)
        story.here.project.new_page("Not yet")
        story.here.play("deploy", "--check").good()
    assert notices == []


def test_whatever_is_wrong_is_the_exit_status(story: Story, tmp_path: Path) -> None:
    """A slot that nobody keeps alive any more, and a host that does not answer."""
    gone = tmp_path / "hosts.yml"
    away = {"ansible_host": "127.0.0.1", "ansible_port": 1}
    gone.write_text(json.dumps({"nginx_uwsgi": {"hosts": {"away": away}}}))
    file = tmp_path / "status.json"
    inside.sh(story.here.host, f"{CONTROL} stop web:1")
    try:
        run = story.here.play("status", "-i", str(gone), extra={"status_file": str(file)})
    finally:
        inside.sh(story.here.host, f"{CONTROL} start web:1")
    run.bad("Slot web:1 is down: stopped.", "This host cannot be reached")
    status = json.loads(file.read_text())
    name = story.here.host.name
    assert status["well"] is False
    assert [problem.split(":")[0] for problem in status["problems"]] == [name, "away"]
    assert status["hosts"][name]["problems"] == ["Slot web:1 is down: stopped."]


def test_misspelt_target_is_told_before_anything_changes(story: Story) -> None:
    wrong = {"notify_webhok": "https://x", "notify_command": "tell -q", "notify_mail": {"too": ["ops@example.org"]}}
    story.here.describe(**QUICK, **wrong)
    before = inside.state(story.here.host)
    story.here.play("deploy").bad(
        "3 things have to be put right first. Nothing was changed.",
        "Did you mean notify_webhook?",
        'notify_command is "tell -q": write a list',
        "notify_mail has no key too. Did you mean to?",
    )
    assert inside.difference(before, inside.state(story.here.host)) == []
