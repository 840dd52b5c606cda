# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.programs import (
    Background,
    background,
    batches,
    commands,
    judge,
)

WORKER = {"command": "celery worker", "slots": "2", "stop_seconds": 300, "stop_group": False}
ENTRIES = {"web": "node server.js", "mailer": "flask run-mailer", "worker": WORKER, "beat": {"command": "celery beat"}}


def test_a_command_may_stand_alone_or_with_how_it_runs():
    assert background(ENTRIES) == [
        Background("mailer", 1, 60, True),
        Background("worker", 2, 300, False),
        Background("beat", 1, 60, True),
    ]
    assert commands(ENTRIES) == {
        "web": "node server.js",
        "mailer": "flask run-mailer",
        "worker": "celery worker",
        "beat": "celery beat",
    }


@pytest.mark.parametrize(
    ("name", "entry", "said"),
    [
        ("mail", "", "app_programs.mail is blank"),
        ("mail", 7, "app_programs.mail is 7 (a number): write it as a string"),
        ("mail", {"slots": 2}, "app_programs.mail has no command: write command: ..."),
        ("mail", {"command": "x", "slot": 2}, "app_programs.mail has no key slot. Did you mean slots?"),
        ("mail", {"command": "x", "slots": 0}, "app_programs.mail.slots is 0 (a number): write a whole number, 1"),
        ("mail", {"command": "x", "slots": 10}, "app_programs.mail.slots is 10 (a number): 9 are the most."),
        ("web", {"command": "x", "slots": 2}, "app_programs.web is a server: web_slots and web_request_seconds say"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_write(name, entry, said):
    assert next(judge(f"app_programs.{name}", entry)).startswith(said)


def test_what_is_right_is_silent():
    assert [text for name, entry in ENTRIES.items() for text in judge(f"app_programs.{name}", entry)] == []


@given(st.integers(1, 9).flatmap(lambda slots: st.tuples(st.just(slots), st.integers(0, slots))))
def test_two_thirds_go_on_serving_and_of_few_slots_all_but_one(many: tuple[int, int]) -> None:
    slots, late = many
    names = [f"web:{number}" for number in range(late)]
    found = batches(names, slots)
    assert [name for batch in found for name in batch] == names
    assert all(len(batch) <= max(1, slots // 3) for batch in found)
    # and no more rounds than that takes
    assert len(found) == -(-late // max(1, slots // 3))
    beside = batches(names, slots, more=True)
    assert [len(batch) for batch in beside[:-1]] == [max(1, slots // 3) + 1] * (len(beside) - 1)
