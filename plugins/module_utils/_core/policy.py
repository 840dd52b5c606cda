# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a fleet is deployed to and whose word its hosts take: the variables `deploy_*` and `gate_*`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ansible_collections.slipway.flask.plugins.module_utils._core.app_rules import SYSTEM_USER, optional
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import (
    Check,
    flag,
    keyed,
    listed,
    matching,
    text,
    truth,
    whole,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.settled import settled
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import seen

_KEY = r"(ssh-(ed25519|rsa)|ecdsa-sha2-\S+|sk-\S+) [A-Za-z0-9+/]+=*"


@dataclass(frozen=True)
class Policy:
    """What holds for a whole run. `signer` is empty when nobody said who this controller is."""

    wave: str
    canary_seconds: int
    lock_wait: int
    key_file: str
    signers: Mapping[str, str]
    signer: str
    untested_allowed: bool


def settle(raw: Mapping[str, object]) -> Policy:
    """The policy these variables state. Raises DescriptionError with all that is wrong."""
    given = settled(RULES, raw)
    return Policy(
        wave=str(given["deploy_wave"]),
        canary_seconds=int(given["deploy_canary_seconds"]),
        lock_wait=int(given["deploy_lock_wait"]),
        key_file=given["gate_key_file"],
        signers={name: " ".join(key.split()[:2]) for name, key in given["gate_signers"].items()},
        signer=given["gate_signer"] or "",
        untested_allowed=truth(given["gate_untested_allowed"]),
    )


def _wave(label: str, value: object) -> Iterator[str]:
    if isinstance(value, bool) or not re.fullmatch(r"[1-9][0-9]{0,5}|([1-9][0-9]?|100)%", str(value)):
        yield f"{seen(label, value)}: write a number of hosts, or a share of them from 1% to 100%."


_PUBLIC_KEY = matching(rf"{_KEY}( .*)?", "the public key, ssh-ed25519 AAAA..., as it stands in the .pub file")
_LOGIN_KEY = matching(rf"(\S.* )?{_KEY}( .*)?", "a public SSH key, ssh-ed25519 AAAA... you@example.org")
_SIGNER = matching(r"[A-Za-z0-9][A-Za-z0-9._@+-]*", "a name without spaces, such as anna@laptop")

RULES: Mapping[str, Check] = {
    "deploy_user_name": SYSTEM_USER,
    "deploy_user_keys": listed(_LOGIN_KEY),
    "deploy_user_sudo": listed(
        matching(r"ALL|/\S.*", "the full path of a command, such as /usr/bin/systemctl, or ALL")
    ),
    "deploy_wave": _wave,
    "deploy_canary_seconds": whole(0),
    "deploy_lock_wait": whole(0),
    "gate_key_file": text,
    "gate_signers": keyed(_SIGNER, _PUBLIC_KEY),
    "gate_signer": optional(_SIGNER),
    "gate_untested_allowed": flag,
}
