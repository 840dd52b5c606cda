# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest

from ansible_collections.slipway.flask.plugins.filter.program_files import FilterModule, program_files

SERVER = {"name": "web", "argv": ["uwsgi", "web.ini"], "slots": 2, "ready_seconds": 30}
PROGRAM = SERVER | {"port": 0, "processes": 2, "wake_signal": "SIGUSR2"}
CONFIG = {
    "name": "blog",
    "programs": [PROGRAM],
    "files": [{"path": "web.ini", "content": "threads = 2"}],
    "background": [],
}


def digest(config: dict) -> str:
    return json.loads(program_files(config)[0]["content"])["digest"]


def test_each_program_is_a_file_that_the_launcher_reads():
    rows = program_files(CONFIG | {"programs": [PROGRAM, PROGRAM | {"name": "mail"}]})
    assert [row["path"] for row in rows] == [f"/etc/slipway/blog/programs/{name}.json" for name in ("web", "mail")]
    assert json.loads(rows[0]["content"]) == PROGRAM | {"digest": digest(CONFIG), "background": False, "order": 0}
    assert rows[0]["content"].endswith("}\n")


@pytest.mark.parametrize(
    "change",
    [
        {"programs": [PROGRAM | {"argv": ["uwsgi", "other.ini"]}]},
        {"programs": [PROGRAM | {"port": 8100}]},
        {"files": []},
        {"files": [{"path": "web.ini", "content": "threads = 4"}]},
        {"files": [{"path": "other.ini", "content": "threads = 2"}]},
    ],
)
def test_what_a_slot_reads_at_start_changes_the_digest(change):
    assert digest(CONFIG | change) != digest(CONFIG)


@pytest.mark.parametrize("change", [{"slots": 4}, {"ready_seconds": 60}])
def test_what_a_slot_does_not_read_restarts_none(change):
    assert digest(CONFIG | {"programs": [PROGRAM | change]}) == digest(CONFIG)


def test_what_runs_in_the_background_comes_before_the_servers_in_its_order():
    rows = program_files(CONFIG | {"background": [{"name": "scheduler", "slots": 1}, {"name": "mailer", "slots": 3}]})
    found = {row["name"]: row for row in (json.loads(row["content"]) for row in rows)}
    assert [found[name]["order"] for name in ("scheduler", "mailer", "web")] == [0, 1, 2]
    assert found["mailer"] | {"digest": ""} == {
        "name": "mailer",
        "argv": [],
        "slots": 3,
        "ready_seconds": 0,
        "port": 0,
        "background": True,
        "order": 1,
        "digest": "",
        "processes": 1,
        "wake_signal": "",
    }


def test_ansible_finds_it_by_its_name():
    assert FilterModule().filters() == {"program_files": program_files}
