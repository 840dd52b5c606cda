# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is handed to a platform: a repository of two commits, the tested artifact and what the platform needs on top.

The first commit is the artifact, file by file, so whoever has the repository can make the archive of it again, whose
digest is signed. The second one adds the lock, the record of the tests and generated files, each known by its digest.
So a tree that differs from what was tested is found without trusting whoever made it. Equal content is an equal commit.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core import attestation, platform_tree
from ansible_collections.slipway.flask.plugins.module_utils._core.attestation import Wanted
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.gitsource import Entry
from ansible_collections.slipway.flask.plugins.module_utils._host import export, git, signing
from ansible_collections.slipway.flask.plugins.module_utils._host.git import Repository

BRANCH = "main"
BY = f"slipway.flask <slipway.flask@localhost> {export.MTIME} +0000"
SECONDS = 120
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Addition:
    """A file that stands on top of the artifact."""

    content: bytes
    executable: bool = False

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Shipment:
    """The repository, its newest commit, and what that adds: path -> SHA-256, or None for what it takes away."""

    folder: Path
    commit: str
    added: Mapping[str, str | None]

    @property
    def repository(self) -> Repository:
        return Repository("the tree for the platform", self.folder)


def newest(folder: Path) -> str:
    """The commit that an earlier run made there; "" for none."""
    if not (folder / ".git").exists():
        return ""
    return git.run(["-C", str(folder), "rev-parse", "--verify", "--quiet", BRANCH], timeout=SECONDS).stdout.strip()


def make(folder: Path, source: Repository, tree: str, title: str, added: Mapping[str, Addition | None]) -> Shipment:
    """Write it down at `folder`, with a work tree for people. `added`: None takes a file of the artifact away."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _must(folder, "init", "--quiet", f"--initial-branch={BRANCH}", ".")
    with tempfile.TemporaryFile() as stream:
        for part in _stream(source, source.entries(tree), title, added):
            stream.write(part)
        stream.seek(0)
        _must(folder, "fast-import", "--quiet", "--force", "--date-format=raw", stdin=stream.read())
    _must(folder, "reset", "--quiet", "--hard", BRANCH)
    commit = _must(folder, "rev-parse", BRANCH).strip()
    return Shipment(folder, commit, {path: one.sha256 if one else None for path, one in added.items()})


def verify(shipment: Shipment, app_name: str, signers: Mapping[str, str], untested_allowed: bool) -> None:
    """Raise unless the first commit is an artifact whose tests passed, in the word of one of `signers`, and the second
    one adds just what it should."""
    repository = shipment.repository
    before = f"{shipment.commit}^"
    with tempfile.TemporaryDirectory() as room:
        artifact = export.write_archive(repository, repository.entries(before), Path(room, attestation.ARTIFACT_NAME))
    entries = {entry.path: entry for entry in repository.entries(shipment.commit)}
    wanted = Wanted(app_name, artifact, _digest(repository, entries.get(platform_tree.LOCK)) or "", untested_allowed)
    found = _differences(shipment, entries, {entry.path: entry for entry in repository.entries(before)})
    found += _judged(repository, entries, wanted, signers)
    if found:
        raise SlipwayError(
            f"The tree at {shipment.folder} is not what was tested, and is not shipped: {'; '.join(found)}."
            " Run again: it is made anew."
        )


def write_zip(shipment: Shipment, target: Path) -> str:
    """The newest commit as a reproducible .zip; its SHA-256."""
    repository = shipment.repository
    entries = sorted(repository.entries(shipment.commit), key=lambda entry: entry.path)
    fresh = target.with_name(f".{target.name}.new")
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED, compresslevel=export.LEVEL) as archive:
        for entry, content in zip(entries, repository.contents([entry.blob for entry in entries]), strict=True):
            member = zipfile.ZipInfo(entry.path, ZIP_TIME)
            member.create_system = 3  # Unix, whatever writes it: the mode counts
            member.external_attr = int(entry.mode, 8) << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    fresh.rename(target)
    return export.digest(target)


def _stream(
    source: Repository, entries: Sequence[Entry], title: str, added: Mapping[str, Addition | None]
) -> Iterator[bytes]:
    """For `git fast-import`."""
    yield from _commit(":1", f"{title}\n\nThe tested artifact.", "deleteall\n")
    for entry, content in zip(entries, source.contents([entry.blob for entry in entries]), strict=True):
        yield from _file(entry.mode, entry.path, content)
    yield from _commit(":2", f"{title}\n\nThe record of its tests, its lock, and what the platform needs.", "from :1\n")
    for path, one in sorted(added.items()):
        if one:
            yield from _file("100755" if one.executable else "100644", path, one.content)
        else:
            yield f"D {_quoted(path)}\n".encode("utf-8", "surrogateescape")


def _commit(mark: str, message: str, then: str) -> Iterator[bytes]:
    text = f"{message}\n".encode()
    yield f"commit refs/heads/{BRANCH}\nmark {mark}\ncommitter {BY}\ndata {len(text)}\n".encode() + text
    yield then.encode()


def _file(mode: str, path: str, content: bytes) -> Iterator[bytes]:
    yield f"M {mode} inline {_quoted(path)}\ndata {len(content)}\n".encode("utf-8", "surrogateescape") + content + b"\n"


def _quoted(path: str) -> str:
    """As fast-import reads a path that may hold anything."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _differences(shipment: Shipment, after: Mapping[str, Entry], before: Mapping[str, Entry]) -> list[str]:
    changed = {path for path in {*after, *before} if after.get(path) != before.get(path)}
    found = [f"{path} differs from the artifact" for path in sorted(changed - set(shipment.added))]
    for path, wanted in sorted(shipment.added.items()):
        if _digest(shipment.repository, after.get(path)) != wanted:
            found.append(f"{path} is not what was made for it")
    return found


def _judged(
    repository: Repository, entries: Mapping[str, Entry], wanted: Wanted, signers: Mapping[str, str]
) -> list[str]:
    """The record in the tree, and whose word it is."""
    record, signature = (entries.get(name) for name in (platform_tree.ATTESTATION, platform_tree.SIGNATURE))
    if not record or not signature:
        return ["it has no record of its tests"]
    data, signed = repository.contents([record.blob, signature.blob])
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("".join(signing.signers_line(name, key) for name, key in signers.items()))
        file.flush()
        if not any(signing.verify(Path(file.name), name, data, signed) for name in signers):
            return [f"the record of its tests is signed by none of {', '.join(signers)}"]
    return attestation.judge(json.loads(data), wanted)


def _digest(repository: Repository, entry: Entry | None) -> str | None:
    if entry is None:
        return None
    (content,) = repository.contents([entry.blob])
    return hashlib.sha256(content).hexdigest()


def _must(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    done = git.run(["-C", str(folder), *arguments], timeout=SECONDS, stdin=stdin)
    if not done.ok:
        raise SlipwayError(f"The tree for the platform cannot be made at {folder}: {done.tail(3)}")
    return done.stdout
