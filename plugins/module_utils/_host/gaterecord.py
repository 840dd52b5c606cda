# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The signed record of one tested build in the cache, and whether it still holds."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.attestation import Wanted, encode, judge
from ansible_collections.slipway.flask.plugins.module_utils._host import export, gatecache, signing


@dataclass(frozen=True)
class Signer:
    """Whose word a record is: the key, its public half ("" before the first run), the name hosts know it by."""

    key: Path
    name: str
    public_key: str


@dataclass(frozen=True)
class Record:
    """The folder of one record. `record.json` is written last: without it there is no record."""

    folder: Path

    @property
    def attestation(self) -> Path:
        return self.folder / "attestation.json"

    @property
    def signature(self) -> Path:
        return self.folder / "attestation.json.sig"

    @property
    def log(self) -> Path:
        return self.folder / "tests.log"

    @property
    def junit(self) -> Path:
        return self.folder / "junit.xml"

    @property
    def summary(self) -> Path:
        return self.folder / "record.json"

    def begin(self) -> None:
        """Forget what an earlier run left here."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        for path in (self.summary, self.attestation, self.signature, self.log, self.junit):
            path.unlink(missing_ok=True)

    def finish(self, statement: Mapping[str, Any], build: Mapping[str, Any], signer: Signer) -> None:
        """Sign the statement and keep the build's description beside it."""
        data = encode(statement)
        gatecache.write(self.attestation, data)
        gatecache.write(self.signature, signing.sign(signer.key, data))
        gatecache.write_json(self.summary, build)

    def valid(self, wanted: Wanted, signer: Signer) -> dict[str, Any]:
        """The build this record stands for; empty unless everything is there, ours, and about these digests."""
        build = gatecache.read_json(self.summary)
        statement = gatecache.read_json(self.attestation)
        if not build or not signer.public_key or judge(statement, wanted):
            return {}
        with tempfile.NamedTemporaryFile("w") as signers:
            signers.write(signing.signers_line(signer.name, signer.public_key))
            signers.flush()
            data, signature = self.attestation.read_bytes(), self.signature
            good = signature.exists() and signing.verify(Path(signers.name), signer.name, data, signature.read_bytes())
        return build if good else {}

    def files(self) -> dict[str, Any]:
        """The record's files with their digests, for the module's result."""
        return {
            "attestation": described(self.attestation),
            "signature": described(self.signature),
            "log": str(self.log) if self.log.exists() else None,
            "junit": str(self.junit) if self.junit.exists() else None,
        }


def described(path: Path) -> dict[str, Any]:
    return {"path": str(path), "sha256": export.digest(path)}
