# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables `deploy_*` and `gate_*`: settled, or refused all at once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.app import DescriptionError
from ansible_collections.slipway.flask.plugins.module_utils._core.policy import RULES, Policy, settle

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINMqjM6gGwzLRtfSLztwde0Jwk6qzQibwquU6pf5uDvU"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def test_defaults() -> None:
    assert settle({}) == Policy("25%", 0, 0, "~/.config/slipway/gate_key", {}, "", False)


def test_what_the_command_line_gives_are_strings() -> None:
    policy = settle({"deploy_lock_wait": "600", "gate_untested_allowed": "true", "deploy_wave": 2})
    assert (policy.lock_wait, policy.untested_allowed, policy.wave) == (600, True, "2")


def test_keys_lose_their_comments() -> None:
    assert settle({"gate_signers": {"anna@laptop": f"{KEY} anna at home"}}).signers == {"anna@laptop": KEY}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("deploy_wave", "200%", "a share of them from 1% to 100%"),
        ("deploy_wave", True, "deploy_wave is true"),
        ("deploy_wave", 0, "write a number of hosts"),
        ("deploy_canary_seconds", -1, "0 or more"),
        ("deploy_lock_wait", "long", 'deploy_lock_wait is "long"'),
        ("deploy_user_name", "root", "not root"),
        ("deploy_user_keys", KEY, "write a list"),
        ("deploy_user_keys", ["id.pub"], "write a public SSH key"),
        ("gate_key_file", 5, "write it as a string"),
        ("gate_signers", {"anna": "AAAA"}, 'gate_signers.anna is "AAAA": write the public key'),
        ("gate_signers", {"an na": KEY}, 'A name in gate_signers is "an na"'),
        ("gate_signers", [KEY], "write a dictionary"),
        ("gate_signer", "an na", "a name without spaces"),
        ("gate_untested_allowed", "perhaps", "write true or false"),
        ("gate_untested_allowed", None, "gate_untested_allowed is empty"),
    ],
)
def test_bad_input_says_what_is_wrong(name: str, value: Any, said: str) -> None:
    with pytest.raises(DescriptionError) as caught:
        settle({name: value})
    assert said in str(caught.value)


@given(st.dictionaries(st.sampled_from(sorted(RULES)), VALUES))
def test_whatever_is_written_is_understood_or_refused(raw: dict[str, Any]) -> None:
    try:
        settle(raw)
    except DescriptionError as error:
        assert error.problems
