# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures, with the real ssh-keygen."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import command, signing

DATA = b'{"result": "PASSED"}\n'


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "gate"


@pytest.fixture
def signers(key: Path, tmp_path: Path) -> Path:
    path = tmp_path / "signers"
    path.write_text("# who may ship\n" + signing.signers_line("ann@office", signing.ensure_key(key)))
    return path


def test_a_key_is_made_once_and_is_closed(key: Path) -> None:
    public = signing.ensure_key(key)
    assert public.startswith("ssh-ed25519 ")
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.parent.stat().st_mode & 0o777 == 0o700
    assert signing.ensure_key(key) == public
    assert sorted(path.name for path in key.parent.iterdir()) == ["gate", "gate.pub"]


def test_signed_and_verified(key: Path, signers: Path) -> None:
    signature = signing.sign(key, DATA)
    assert signing.verify(signers, "ann@office", DATA, signature)
    assert not signing.verify(signers, "ann@office", DATA + b" ", signature)
    assert not signing.verify(signers, "bob@office", DATA, signature)
    assert not signing.verify(signers, "ann@office", DATA, b"")
    assert not signing.verify(signers.with_name("absent"), "ann@office", DATA, signature)


def test_another_key_is_another_word(key: Path, signers: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    signing.ensure_key(other)
    assert not signing.verify(signers, "ann@office", DATA, signing.sign(other, DATA))


def test_a_signature_for_another_purpose_is_none(key: Path, signers: Path) -> None:
    done = command.run(["ssh-keygen", "-Y", "sign", "-n", "git", "-f", str(key)], timeout=10, stdin=DATA)
    assert done.ok
    assert not signing.verify(signers, "ann@office", DATA, done.stdout.encode())


def test_keys_that_cannot_be_used(key: Path) -> None:
    signing.ensure_key(key)
    key.chmod(0o644)
    with pytest.raises(SlipwayError, match=f"chmod 600 {key}"):
        signing.public_key(key)
    key.chmod(0o600)
    command.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "a phrase", "-f", str(key)], timeout=10)
    with pytest.raises(SlipwayError, match="passphrase"):
        signing.public_key(key)
    key.write_text("nonsense")
    with pytest.raises(SlipwayError, match="gate_key_file"):
        signing.public_key(key)
