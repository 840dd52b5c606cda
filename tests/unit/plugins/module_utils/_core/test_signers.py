# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether this controller is among those whose word the hosts take, and the line to add when it is not."""

from __future__ import annotations

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.signers import Signer, choose, judge_trusted, parse

MINE, HERS = "ssh-ed25519 AAAAmine", "ssh-ed25519 AAAAhers"
ME = Signer("me@here", MINE, "/home/me/key")
FILE = f'# who is trusted\nanna@laptop namespaces="attestation@slipway.flask" {HERS}\n'


def test_without_signers_this_controller_is_the_one() -> None:
    assert choose(ME, "", {}) == (ME, {"me@here": MINE})
    assert choose(ME, "ci", {}) == (Signer("ci", MINE, ME.key_file), {"ci": MINE})
    assert choose(Signer("me", "", "k"), "", {})[1] == {}


def test_among_signers_it_is_found_by_its_key() -> None:
    assert choose(ME, "", {"anna": HERS, "ci": MINE})[0].name == "ci"


@pytest.mark.parametrize(
    ("wished", "signers", "said"),
    [
        ("", {"anna": HERS}, "does not have this controller's key (/home/me/key)"),
        ("", {"anna": HERS}, f"Add, in group_vars/all.yml,\n    me@here: {MINE}"),
        ("ci", {"anna": MINE}, f"    ci: {MINE}"),
        ("ci", {"ci": HERS}, f"has another key for ci (/home/me/key): no host would take what it tested. Replace that"
         f" line by\n    ci: {MINE}"),
    ],
)  # fmt: skip
def test_a_stranger_is_told_the_line_to_add(wished: str, signers: dict[str, str], said: str) -> None:
    with pytest.raises(SlipwayError) as caught:
        choose(ME, wished, signers)
    assert said in str(caught.value)


def test_without_a_key_there_is_no_line_yet() -> None:
    with pytest.raises(SlipwayError, match="made by the next run, without --check"):
        choose(Signer("me", "", "k"), "", {"anna": HERS})


def test_what_hosts_trust_already_is_not_replaced_behind_their_back() -> None:
    assert parse(FILE) == {"anna@laptop": HERS}
    assert judge_trusted("", ME) == []
    assert judge_trusted(FILE, Signer("anna", HERS, "k")) == []
    (problem,) = judge_trusted(FILE, ME)
    assert f"gate_signers:\n    anna@laptop: {HERS}\n    me@here: {MINE}" in problem


def test_another_key_of_the_same_account_gets_a_name_of_its_own() -> None:
    file = "".join(f'{name} namespaces="n" {HERS}\n' for name in ("me@here", "me@here-2"))
    (problem,) = judge_trusted(file, ME)
    assert f"\n    me@here-3: {MINE}" in problem
