# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a gate hands to a host: artifact, lock, record and signature in one tar file, checked before it is used."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.attestation import (
    ARTIFACT_NAME,
    LOCK_NAME,
    Wanted,
    judge,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import signing
from ansible_collections.slipway.flask.plugins.module_utils._host.app import App

RECORD = "attestation.json"
SIGNATURE = "attestation.json.sig"
PARTS = (ARTIFACT_NAME, LOCK_NAME, RECORD, SIGNATURE)


Package = Path | bytes
"""A tar file, or what stands in it."""


def open_bundle(bundle: Package, folder: Path) -> None:
    """Write the four parts into `folder`; nothing else in the file is looked at."""
    folder.mkdir(mode=0o755, parents=True)
    try:
        with (
            bundle.open("rb") if isinstance(bundle, Path) else io.BytesIO(bundle) as stream,
            tarfile.open(fileobj=stream) as tar,
        ):
            for name in PARTS:
                source = tar.extractfile(name)
                if source is None:
                    raise SlipwayError(f"The bundle has no {name}.")
                with (folder / name).open("xb") as target:
                    shutil.copyfileobj(source, target)
    except (KeyError, tarfile.TarError) as error:
        raise SlipwayError(f"The bundle cannot be read: {error}.") from error


def verify(app: App, folder: Path) -> None:
    """Refuse what no authorised signer vouches for, or what differs from what was vouched for."""
    _refuse_unless_vouched(app, folder, sha256(folder / ARTIFACT_NAME), "what was sent")


def verify_release(app: App, release: str) -> None:
    """The same for a release that is already unpacked: signers or policy may have changed since."""
    folder = Path(app.layout.releases) / release
    facts = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    _refuse_unless_vouched(app, folder, facts["artifact"], f"release {release}")


def _refuse_unless_vouched(app: App, folder: Path, artifact: str, what: str) -> None:
    name, record = app.layout.name, (folder / RECORD).read_bytes()
    signature, signers = (folder / SIGNATURE).read_bytes(), Path(app.layout.config) / "signers"
    wanted = Wanted(name, artifact, sha256(folder / LOCK_NAME), app.untested_allowed)
    problems = judge(_document(record), wanted)
    if not any(signing.verify(signers, who, record, signature) for who in _principals(signers)):
        problems.insert(
            0, f"its record is not signed by anybody in {signers}; name the signer in gate_signers and run setup"
        )
    if problems:
        raise SlipwayError(f"This host refuses {what} of {name}: {'; '.join(problems)}.")


def _principals(signers: Path) -> list[str]:
    lines = signers.read_text(encoding="utf-8").splitlines() if signers.exists() else []
    return [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]


def sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _document(record: bytes) -> object:
    try:
        return json.loads(record)
    except ValueError as error:
        raise SlipwayError(f"The record of the tests is no JSON: {error}.") from error
