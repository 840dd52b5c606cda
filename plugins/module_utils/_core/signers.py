# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose word that tests passed the hosts take, and whether this controller is one of them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError


@dataclass(frozen=True)
class Signer:
    """This controller: the name its key goes by, and the public half; empty while there is no key yet."""

    name: str
    public_key: str
    key_file: str


def choose(me: Signer, wished: str, signers: Mapping[str, str]) -> tuple[Signer, dict[str, str]]:
    """Who this controller is and all whom the hosts trust, from `gate_signer` and `gate_signers`."""
    if not signers:
        named = Signer(wished or me.name, me.public_key, me.key_file)
        return named, {named.name: named.public_key} if named.public_key else {}
    name = next((name for name in ([wished] if wished else signers) if signers.get(name) == me.public_key), None)
    if name is None:
        raise SlipwayError(_refusal(Signer(wished or me.name, me.public_key, me.key_file), signers))
    return Signer(name, me.public_key, me.key_file), dict(signers)


def judge_trusted(signers_file: str, me: Signer) -> list[str]:
    """Whether a host that somebody set up before takes this controller's word, when gate_signers does not say."""
    known = parse(signers_file)
    if not known or me.public_key in known.values():
        return []
    lines = "".join(f"\n    {name}: {key}" for name, key in sorted(known.items()))
    # one account of one machine may have several keys, and a mapping has each name once
    names = itertools.chain([me.name], (f"{me.name}-{number}" for number in itertools.count(2)))
    me = replace(me, name=next(name for name in names if name not in known))
    return [
        f"It takes the word of {', '.join(sorted(known))} that tests passed, and not that of this controller"
        f" ({me.key_file}). If it shall, write in group_vars/all.yml:\n  gate_signers:{lines}\n{_line(me)}"
    ]


def parse(signers_file: str) -> dict[str, str]:
    """Name -> public key of an allowed signers file as the role `app` writes it."""
    rows = (line.split() for line in signers_file.splitlines() if not line.startswith("#"))
    return {row[0]: " ".join(row[-2:]) for row in rows if len(row) >= 3}


def _refusal(me: Signer, signers: Mapping[str, str]) -> str:
    taken = me.name in signers
    wrong = f"has another key for {me.name}" if taken else "does not have this controller's key"
    advice = "Replace that line by" if taken else "Add, in group_vars/all.yml,"
    return f"gate_signers {wrong} ({me.key_file}): no host would take what it tested. {advice}\n{_line(me)}"


def _line(me: Signer) -> str:
    """The line to add. No key is made in check mode or while something else is wrong, so there may be none to show."""
    if me.public_key:
        return f"    {me.name}: {me.public_key}"
    return f"    {me.name}: ssh-ed25519 ...  (made by the next run, without --check, in which nothing else is wrong)"
