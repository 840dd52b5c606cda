# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host refuses, with keys and signatures of the real ssh-keygen."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.attestation import encode, statement
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.identity import Recipe, Setting
from ansible_collections.slipway.flask.plugins.module_utils._core.request import Request
from ansible_collections.slipway.flask.plugins.module_utils._host import bundle, prepare, signing

PARTS = {"artifact.tar.gz": b"the code", "lock.txt": b"flask==3 --hash=sha256:0\n"}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    found = {name: folder / name for name in ("anna", "mallory")}
    for key in found.values():
        signing.ensure_key(key)
    return found


@pytest.fixture
def parts(app: Any, tmp_path: Path, keys: dict[str, Path]) -> Callable[..., Path]:
    """A folder with what a gate made, signed by `who`; anna alone is trusted here."""
    signers = Path(app.layout.config) / "signers"
    trusted = signing.signers_line("anna@laptop", signing.public_key(keys["anna"]))
    signers.write_text(f"# who may ship\n\n{trusted}", encoding="utf-8")

    def make(who: str = "anna", untested: bool = False, app_name: str = "blog", folder: str = "parts") -> Path:
        target = tmp_path / folder
        target.mkdir()
        for name, content in PARTS.items():
            (target / name).write_bytes(content)
        record = statement(
            artifact=bundle.sha256(target / "artifact.tar.gz"),
            lock=bundle.sha256(target / "lock.txt"),
            interpreter="3.11.2",
            test_plan="0" * 64,
            untested=untested,
            ours={"app_name": app_name},
        )
        seal(target, keys[who], record)
        return target

    return make


def seal(folder: Path, key: Path, record: Any) -> None:
    data = record if isinstance(record, bytes) else encode(record)
    (folder / bundle.RECORD).write_bytes(data)
    (folder / bundle.SIGNATURE).write_bytes(signing.sign(key, data))


def append(folder: Path, name: str) -> None:
    with (folder / name).open("ab") as stream:
        stream.write(b" ")


def refused(app: Any, folder: Path) -> str:
    with pytest.raises(SlipwayError) as caught:
        bundle.verify(app, folder)
    return str(caught.value)


def test_what_a_trusted_signer_vouches_for_is_taken(app, parts):
    assert bundle.verify(app, parts()) is None


UNSIGNED = "its record is not signed by anybody in"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("artifact.tar.gz", "the record names artifact.tar.gz sha256:"),
        ("lock.txt", "the record names lock.txt sha256:"),
        (bundle.RECORD, UNSIGNED),
    ],
)
def test_a_part_that_was_tampered_with_is_refused(app, parts, name, reason):
    folder = parts()
    append(folder, name)
    said = refused(app, folder)
    assert said.startswith("This host refuses what was sent of blog: ")
    assert reason in said
    assert (UNSIGNED in said) is (name == bundle.RECORD)


@pytest.mark.parametrize(
    "signature", [b"", b"garbage", b"-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----"]
)
def test_without_a_signature_nothing_is_taken(app, parts, signature):
    folder = parts()
    (folder / bundle.SIGNATURE).write_bytes(signature)
    assert UNSIGNED in refused(app, folder)


def test_the_word_of_a_stranger_counts_for_nothing(app, parts):
    said = refused(app, parts(who="mallory"))
    assert UNSIGNED in said
    assert "gate_signers" in said and "setup" in said


def test_the_key_of_one_signer_does_not_speak_for_another(app, parts, keys):
    """A line for mallory with anna's namespace of another kind is no permission."""
    public = signing.public_key(keys["mallory"])
    with (Path(app.layout.config) / "signers").open("a", encoding="utf-8") as stream:
        stream.write(f'mallory@tower namespaces="git" {public}\n')
    assert UNSIGNED in refused(app, parts(who="mallory"))


@pytest.mark.parametrize("content", [None, "", "# nobody\n"])
def test_a_host_without_signers_takes_nothing(app, parts, content):
    folder, signers = parts(), Path(app.layout.config) / "signers"
    signers.unlink()
    if content is not None:
        signers.write_text(content, encoding="utf-8")
    assert UNSIGNED in refused(app, folder)


def test_the_record_of_another_app_is_refused(app, parts):
    assert "the record is for the application 'shop', not 'blog'" in refused(app, parts(app_name="shop"))


def test_the_record_of_another_artifact_is_refused(app, parts, keys):
    folder, other = parts(), parts(folder="other")
    (other / "artifact.tar.gz").write_bytes(b"other code")
    for name in (bundle.RECORD, bundle.SIGNATURE):
        shutil.copy(folder / name, other / name)
    assert "the record names artifact.tar.gz" in refused(app, other)


def test_tests_that_did_not_pass_are_refused_though_signed(app, parts, keys):
    folder = parts()
    record = json.loads((folder / bundle.RECORD).read_bytes())
    record["predicate"]["result"] = "FAILED"
    seal(folder, keys["anna"], record)
    assert "the tests' result is 'FAILED'" in refused(app, folder)


def test_an_untested_artifact_needs_the_policy_of_the_host(app, parts):
    folder = parts(untested=True)
    assert "untested" in refused(app, folder)
    assert bundle.verify(replace(app, untested_allowed=True), folder) is None


def test_a_record_that_is_no_json_is_an_error_for_people(app, parts, keys):
    folder = parts()
    seal(folder, keys["anna"], b"not json")
    assert "The record of the tests is no JSON" in refused(app, folder)


def test_everything_that_is_wrong_is_said_at_once(app, parts):
    folder = parts(who="mallory", untested=True, app_name="shop")
    append(folder, "lock.txt")
    said = refused(app, folder)
    assert all(part in said for part in (UNSIGNED, "untested", "'shop'", "lock.txt"))


@pytest.fixture
def release(app: Any, parts: Callable[..., Path]) -> Path:
    """The same on the host, unpacked: the artifact's digest stands in release.json."""
    folder, target = parts(), Path(app.layout.releases) / "r"
    target.mkdir()
    for name in ("lock.txt", bundle.RECORD, bundle.SIGNATURE):
        shutil.copy(folder / name, target / name)
    facts = {"artifact": bundle.sha256(folder / "artifact.tar.gz")}
    (target / "release.json").write_text(json.dumps(facts), encoding="utf-8")
    return target


def test_a_release_on_the_host_is_judged_again_before_it_goes_live(app, release, keys):
    bundle.verify_release(app, "r")
    public = signing.public_key(keys["mallory"])
    (Path(app.layout.config) / "signers").write_text(signing.signers_line("m", public), encoding="utf-8")
    with pytest.raises(SlipwayError, match=f"This host refuses release r of blog: {UNSIGNED}"):
        bundle.verify_release(app, "r")


@pytest.mark.parametrize("name", ["lock.txt", bundle.RECORD])
def test_a_release_that_was_tampered_with_on_the_host_does_not_go_live(app, release, name):
    append(release, name)
    with pytest.raises(SlipwayError, match="This host refuses release r of blog"):
        bundle.verify_release(app, "r")


def package(path: Path, folder: Path, names: tuple[str, ...]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name in names:
            tar.add(folder / name, arcname=name)
        tar.addfile(tarfile.TarInfo("../stowaway"), io.BytesIO())
    return path


def request(folder: Path, **changes: str) -> Request:
    digests = {"artifact": bundle.sha256(folder / "artifact.tar.gz"), "lock": bundle.sha256(folder / "lock.txt")}
    return Request(Recipe(commit="c", python="3.11", wsgi="wsgi:app", **digests | changes), Setting({}))


def test_a_bundle_is_opened_verified_and_nothing_else_in_it_is_looked_at(app, parts, tmp_path):
    folder = parts()
    came = prepare.receive(app, request(folder), package(tmp_path / "b.tar", folder, bundle.PARTS))
    assert sorted(path.name for path in came.iterdir()) == sorted(bundle.PARTS)
    assert not (came.parent / "stowaway").exists()
    assert (came / "artifact.tar.gz").read_bytes() == b"the code"


@pytest.mark.parametrize("part", ["artifact", "lock"])
def test_a_good_bundle_that_nobody_asked_for_is_refused(app, parts, tmp_path, part):
    folder = parts()
    with pytest.raises(SlipwayError, match=rf"{part}.*is not what this run asked for: sha256 .* 0000"):
        prepare.receive(app, request(folder, **{part: "0" * 64}), package(tmp_path / "b.tar", folder, bundle.PARTS))


@pytest.mark.parametrize("missing", bundle.PARTS)
def test_a_bundle_that_lacks_a_part_is_an_error_for_people(parts, tmp_path, missing):
    names = tuple(name for name in bundle.PARTS if name != missing)
    with pytest.raises(SlipwayError, match=missing):
        bundle.open_bundle(package(tmp_path / "b.tar", parts(), names), tmp_path / "incoming")


def test_a_bundle_that_is_no_archive_or_ends_early_is_an_error_for_people(parts, tmp_path):
    whole = package(tmp_path / "b.tar", parts(), bundle.PARTS).read_bytes()
    for number, content in enumerate([b"", b"no archive", whole[:700]]):
        (tmp_path / "b.tar").write_bytes(content)
        with pytest.raises(SlipwayError, match=r"The bundle (cannot be read|has no)"):
            bundle.open_bundle(tmp_path / "b.tar", tmp_path / f"incoming{number}")


def test_a_folder_in_the_place_of_a_part_is_an_error_for_people(tmp_path):
    with tarfile.open(tmp_path / "b.tar", "w") as tar:
        info = tarfile.TarInfo("artifact.tar.gz")
        info.type = tarfile.DIRTYPE
        tar.addfile(info)
    with pytest.raises(SlipwayError, match=r"The bundle has no artifact\.tar\.gz"):
        bundle.open_bundle(tmp_path / "b.tar", tmp_path / "incoming")
