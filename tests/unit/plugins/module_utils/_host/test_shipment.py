# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tree that a platform is given, in real repositories: alike each time, and refused when it was not tested."""

from __future__ import annotations

import os
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core import attestation
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import export, shipment, signing
from ansible_collections.slipway.flask.plugins.module_utils._host.git import Repository
from ansible_collections.slipway.flask.plugins.module_utils._host.shipment import Addition, Shipment

ODD = 'folder/with "quotes", tab\tand ü.txt'


@dataclass(frozen=True)
class Proven:
    """A commit whose tests passed, in the word of anna."""

    source: Repository
    tree: str
    added: Mapping[str, Addition | None]
    signers: Mapping[str, str]

    def make(self, folder: Path, **other: Addition | None) -> Shipment:
        return shipment.make(folder, self.source, self.tree, "blog 1a2b3c: A title", {**self.added, **other})


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Proven:
    folder = tmp_path_factory.mktemp("source")
    (folder / "folder").mkdir()
    (folder / "app.py").write_text("print('hello')\n")
    (folder / ODD).write_bytes(b"\x00binary\n")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("app.py")
    (folder / "uv.lock").write_text("of the commit\n")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "All of it")
    source, tree = Repository("blog", folder), git(folder, "rev-parse", "HEAD^{tree}")
    lock, key = b"flask==3.1 --hash=sha256:00\n", folder.parent / "key-of-anna"
    artifact = export.write_archive(source, source.entries(tree), folder.parent / "artifact.tar.gz")
    record = attestation.encode(
        attestation.statement(
            artifact=artifact,
            lock=Addition(lock).sha256,
            interpreter="3.13.1",
            test_plan="0" * 64,
            untested=False,
            ours={"app_name": "blog"},
        )
    )
    signers = {"anna": signing.ensure_key(key)}
    added = {
        "requirements.txt": Addition(lock),
        ".slipway/attestation.json": Addition(record),
        ".slipway/attestation.json.sig": Addition(signing.sign(key, record)),
        "Procfile": Addition(b"web: uwsgi uwsgi.ini\n"),
        "bin/post_compile": Addition(b"#!/bin/sh\n", executable=True),
        "uv.lock": None,
    }
    return Proven(source, tree, added, signers)


def refused(made: Shipment, tested: Proven, app: str = "blog") -> str:
    with pytest.raises(SlipwayError) as caught:
        shipment.verify(made, app, tested.signers, untested_allowed=False)
    return str(caught.value)


def test_it_is_the_commit_and_what_was_added(tested: Proven, tmp_path: Path) -> None:
    made = tested.make(tmp_path / "tree")
    shipment.verify(made, "blog", tested.signers, untested_allowed=False)
    assert git(made.folder, "rev-parse", "main^^{tree}") == tested.tree
    assert (made.folder / ODD).read_bytes() == b"\x00binary\n" and os.readlink(made.folder / "link") == "app.py"
    assert os.access(made.folder / "run.sh", os.X_OK) and os.access(made.folder / "bin/post_compile", os.X_OK)
    assert not (made.folder / "uv.lock").exists()


def test_equal_content_is_an_equal_commit_and_an_equal_archive(tested: Proven, tmp_path: Path) -> None:
    one, other = tested.make(tmp_path / "one"), tested.make(tmp_path / "other")
    assert one.commit == other.commit == tested.make(tmp_path / "one").commit == shipment.newest(tmp_path / "one")
    digests = {shipment.write_zip(made, tmp_path / f"{number}.zip") for number, made in enumerate((one, other))}
    assert len(digests) == 1
    changed = tested.make(tmp_path / "one", Procfile=Addition(b"web: another\n"))
    assert changed.commit != one.commit and shipment.newest(tmp_path / "nowhere") == ""


def test_the_archive_keeps_what_may_be_run_and_links(tested: Proven, tmp_path: Path) -> None:
    shipment.write_zip(tested.make(tmp_path / "tree"), tmp_path / "tree.zip")
    with zipfile.ZipFile(tmp_path / "tree.zip") as packed:
        modes = {member.filename: member.external_attr >> 16 for member in packed.infolist()}
        assert packed.read(ODD) == b"\x00binary\n"
    assert (modes["run.sh"], modes["app.py"], modes["link"]) == (0o100755, 0o100644, 0o120000)


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("app.py", "print('another')\n", "app.py differs from the artifact"),
        ("more.py", "x\n", "more.py differs from the artifact"),
        ("Procfile", "web: another\n", "Procfile is not what was made for it"),
        ("requirements.txt", "flask==9\n", "requirements.txt is not what was made for it"),
        ("uv.lock", "back again\n", "uv.lock is not what was made for it"),
    ],
)
def test_a_tree_that_somebody_changed_is_refused(
    tested: Proven, tmp_path: Path, path: str, content: str, said: str
) -> None:
    made = tested.make(tmp_path / "tree")
    (made.folder / path).write_text(content)
    git(made.folder, "add", "--all")
    git(made.folder, "commit", "--quiet", "--amend", "--message", "Tampered with")
    assert said in refused(replace(made, commit=git(made.folder, "rev-parse", "HEAD")), tested)


def test_another_artifact_below_is_refused(tested: Proven, tmp_path: Path) -> None:
    """The first commit is not taken at its word: its archive has to be the one whose digest is signed."""
    made = tested.make(tmp_path / "tree")
    git(made.folder, "checkout", "--quiet", "main^")
    (made.folder / "app.py").write_text("print('another')\n")
    git(made.folder, "commit", "--quiet", "--all", "--message", "Another artifact")
    other = Repository("other", made.folder)
    tree = git(made.folder, "rev-parse", "HEAD^{tree}")
    forged = shipment.make(tmp_path / "forged", other, tree, "blog", tested.added)
    assert "the record names artifact.tar.gz" in refused(forged, tested)


def test_another_lock_is_refused(tested: Proven, tmp_path: Path) -> None:
    made = tested.make(tmp_path / "tree", **{"requirements.txt": Addition(b"flask==9\n")})
    assert "the record names lock.txt" in refused(made, tested)


def test_the_word_of_nobody_and_of_strangers_does_not_count(tested: Proven, tmp_path: Path) -> None:
    unsigned = tested.make(tmp_path / "unsigned", **{".slipway/attestation.json.sig": None})
    assert "it has no record of its tests" in refused(unsigned, tested)
    mallory = {"mallory": signing.ensure_key(tmp_path / "key-of-mallory")}
    made = tested.make(tmp_path / "tree")
    assert "is signed by none of mallory" in refused(made, replace(tested, signers=mallory))
    assert "the record is for the application 'blog', not 'shop'" in refused(made, tested, app="shop")
