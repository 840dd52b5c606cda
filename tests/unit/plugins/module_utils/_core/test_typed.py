# SPDX-License-Identifier: GPL-3.0-or-later
"""What is typed behind -e."""

from __future__ import annotations

import pytest
from ansible.parsing.splitter import parse_kv
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.typed import UNITS, command, seconds

WORDS = st.text("abcXYZ019=-./_", min_size=1, max_size=8)


def meant(*extra_vars: str) -> str:
    """The command of a run with these -e, of which Ansible makes something first."""
    return command(extra_vars, next((parse_kv(text).get("command", "") for text in extra_vars if "=" in text), ""))


@pytest.mark.parametrize(
    ("extra_vars", "whole"),
    [
        (["command=python manage.py shell_command"], "python manage.py shell_command"),
        (['command="python manage.py shell_command"'], "python manage.py shell_command"),
        (["command='flask user add'"], "flask user add"),
        (["run_terminal=true", "command=flask user --name=x -n 'a b' add"], "flask user --name=x -n 'a b' add"),
        (["command='a' && echo 'b'"], "'a' && echo 'b'"),
        (["command=date"], "date"),
        (["commander=x", "a=b"], ""),
    ],
)
def test_a_command_is_taken_whole(extra_vars: list[str], whole: str) -> None:
    assert meant(*extra_vars) == whole


def test_a_command_of_a_file_or_of_json_is_what_ansible_read() -> None:
    assert command(["@vars.yml", '{"command": "a b"}'], " a b ") == "a b"


@given(st.lists(WORDS, min_size=1, max_size=6))
def test_no_word_of_it_is_lost(words: list[str]) -> None:
    assert meant(f"command={' '.join(words)}") == " ".join(words)


@given(st.integers(0, 999999), st.sampled_from(["", *UNITS]))
def test_a_length_of_time(number: int, unit: str) -> None:
    assert seconds("logs_since", f"{number}{unit}") == number * UNITS.get(unit, 1)


@pytest.mark.parametrize("text", ["", "m", "-5m", "1.5h", "10 minutes", "ten", "1w"])
def test_another_text_is_no_length_of_time(text: str) -> None:
    with pytest.raises(SlipwayError, match=r"logs_since is .*: write how long, such as 90s, 10m, 2h or 1d"):
        seconds("logs_since", text)
