# SPDX-License-Identifier: GPL-3.0-or-later
"""Change what the gate made before it is shipped, as somebody would who wants a host to run something else."""

from __future__ import annotations

import copy
import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.attestation import (
    ARTIFACT_NAME,
    LOCK_NAME,
    NAMESPACE,
    encode,
)

Gate = dict[str, Any]


class Package:
    """A copy of the gate's result, with copies of its files in `folder`, for one Python."""

    def __init__(self, gate: Gate, folder: Path) -> None:
        folder.mkdir()
        self.gate, self.folder = copy.deepcopy(gate), folder
        [self.build] = self.gate["builds"].values()
        for part in (self.gate["artifact"], *(self.build[name] for name in ("lock", "attestation", "signature"))):
            self._put(part, Path(part["path"]).read_bytes())

    @property
    def statement(self) -> Any:
        return json.loads(Path(self.build["attestation"]["path"]).read_text())

    def change(self, name: str, by: bytes = b"\n") -> None:
        """Add to the `artifact` or the `lock`, and ask the host for just that."""
        part = self.gate["artifact"] if name == "artifact" else self.build[name]
        self._put(part, Path(part["path"]).read_bytes() + by)

    def vouch(self, edit: Callable[[Any], None] = lambda _: None) -> None:
        """Make the record fit what is shipped now, and what `edit` does to it; its signature is the old one."""
        statement = self.statement
        digests = {ARTIFACT_NAME: self.gate["artifact"]["sha256"], LOCK_NAME: self.build["lock"]["sha256"]}
        statement["subject"] = [{"name": name, "digest": {"sha256": digest}} for name, digest in digests.items()]
        edit(statement)
        self._put(self.build["attestation"], encode(statement))

    def sign(self, key: Path) -> None:
        """Sign the record as it is now."""
        argv = ["ssh-keygen", "-Y", "sign", "-q", "-n", NAMESPACE, "-f", str(key)]
        record = Path(self.build["attestation"]["path"]).read_bytes()
        done = subprocess.run(argv, input=record, capture_output=True, check=True)
        self._put(self.build["signature"], done.stdout)

    def take_record_of(self, other: Gate) -> None:
        [build] = other["builds"].values()
        for name in ("attestation", "signature"):
            self._put(self.build[name], Path(build[name]["path"]).read_bytes())

    def _put(self, part: dict[str, Any], data: bytes) -> None:
        digest = hashlib.sha256(data).hexdigest()
        path = self.folder / f"{digest[:16]}-{Path(part['path']).name.rpartition('-')[2]}"
        path.write_bytes(data)
        part |= {"path": str(path), "sha256": digest}


def new_key(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "stranger", "-f", str(path)], check=True)
    return path
