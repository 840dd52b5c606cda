# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signatures by OpenSSH keys over attestations, made and verified by `ssh-keygen -Y`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.attestation import NAMESPACE
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import command

SECONDS = 30


def ensure_key(key: Path) -> str:
    """Make the signing key unless there is one; return its public half."""
    if not key.exists():
        key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = key.with_name(f".{key.name}.new")
        fresh.unlink(missing_ok=True)
        _keygen("-q", "-t", "ed25519", "-N", "", "-C", "slipway gate", "-f", str(fresh))
        fresh.with_name(f"{fresh.name}.pub").rename(key.with_name(f"{key.name}.pub"))
        fresh.rename(key)
    return public_key(key)


def public_key(key: Path) -> str:
    """`ssh-ed25519 AAAA...`, without a comment."""
    if key.stat().st_mode & 0o077:
        raise SlipwayError(f"gate_key_file {key} can be read by other users. Type: chmod 600 {key}")
    done = _keygen("-y", "-P", "", "-f", str(key))
    return " ".join(done.stdout.split()[:2])


def sign(key: Path, data: bytes) -> bytes:
    """The detached signature."""
    return _keygen("-Y", "sign", "-n", NAMESPACE, "-f", str(key), stdin=data).stdout.encode()


def verify(signers_file: Path, principal: str, data: bytes, signature: bytes) -> bool:
    """Whether `principal`, as listed in the allowed signers file, signed exactly this data as an attestation."""
    with tempfile.NamedTemporaryFile() as detached:
        detached.write(signature)
        detached.flush()
        arguments = ["-Y", "verify", "-f", str(signers_file), "-I", principal, "-n", NAMESPACE, "-s", detached.name]
        return command.run(["ssh-keygen", *arguments], timeout=SECONDS, stdin=data).ok


def signers_line(principal: str, public: str) -> str:
    """A line of an allowed signers file: this key, for attestations and nothing else."""
    return f'{principal} namespaces="{NAMESPACE}" {public}\n'


def _keygen(*arguments: str, stdin: bytes = b"") -> command.Result:
    done = command.run(["ssh-keygen", *arguments], timeout=SECONDS, stdin=stdin)
    if not done.ok:
        hint = (
            " A key with a passphrase cannot be used here: nobody is there to type it."
            if "passphrase" in done.stderr
            else ""
        )
        raise SlipwayError(f"gate_key_file cannot be used: {done.tail(2)}.{hint}")
    return done
