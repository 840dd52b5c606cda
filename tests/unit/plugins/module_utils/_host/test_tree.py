# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real trees; build commands are pretended, because only root may run them as somebody else."""

from __future__ import annotations

import io
import json
import os
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.identity import AppFile, Recipe, Setting
from ansible_collections.slipway.flask.plugins.module_utils._core.release import Wanted
from ansible_collections.slipway.flask.plugins.module_utils._core.request import Request
from ansible_collections.slipway.flask.plugins.module_utils._host import bundle, prepare, tree

WANTED = Wanted("r", "r.a", "v", {"web": "digest"})
COMMIT = {"wsgi.py": b"app = 1", "config/base.py": b"X = 1", "uploads/logo.svg": b"<svg/>", "notes.db": b"db"}


@pytest.fixture(autouse=True)
def plain_umask() -> Any:
    mask = os.umask(0o022)
    yield
    os.umask(mask)


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    folder = tmp_path / "parts"
    folder.mkdir()
    with tarfile.open(folder / "artifact.tar.gz", "w:gz") as tar:
        for name, content in COMMIT.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("linked")
        link.type, link.linkname = tarfile.SYMTYPE, "config"
        tar.addfile(link)
    for name in ("lock.txt", bundle.RECORD, bundle.SIGNATURE):
        (folder / name).write_text(name, encoding="utf-8")
    return folder


@pytest.fixture
def make(app: Any, parts: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    monkeypatch.setattr(tree.venv, "own", lambda _: None)
    monkeypatch.setattr(tree.commands, "compile_source", lambda *_: None)

    def make(public: dict[str, str] | None = None, **changes: Any) -> Path:
        recipe = Recipe("c" * 40, "a" * 64, "b" * 64, "3.11", "wsgi:app", **changes)
        tree.make_release(app, Request(recipe, Setting({}), public or {}, {"subject": "First"}), parts, WANTED)
        return Path(app.layout.releases) / "r"

    return make


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Path], None]], None]:
    """Set what the build commands do to the source."""

    def pretend(work: Callable[[Path], None]) -> None:
        monkeypatch.setattr(tree.commands, "build", lambda source, *_: work(source))

    return pretend


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_release_is_the_commit_and_what_we_add(make, app):
    release = make()
    assert sorted(os.listdir(app.layout.releases)) == ["r"]
    assert {name: (release / "source" / name).read_bytes() for name in COMMIT} == COMMIT
    assert os.readlink(release / "venv") == "../../venvs/v"
    assert (release / "lock.txt").read_text() == "lock.txt"
    facts = json.loads((release / "release.json").read_text())
    assert facts == {
        "subject": "First",
        "release": "r",
        "commit": "c" * 40,
        "artifact": "a" * 64,
        "lock": "b" * 64,
        "python": "3.11",
    }
    assert "application" in (release / "slipway_wsgi.py").read_text()


def test_work_that_was_killed_before_is_in_nobodys_way(make, app):
    stale = Path(app.layout.releases) / tree.WORK / "source/stale"
    stale.mkdir(parents=True)
    assert not (make() / "source/stale").exists()


def test_files_are_placed_with_their_modes_and_secret_ones_hidden(make):
    files = (
        AppFile("config/local.py", "Y = 2"),
        AppFile("bin/run", "#!/bin/sh", mode="0755"),
        AppFile("config/base.py", "X = 2"),
        AppFile("instance/key", "hunter2", secret=True),
    )
    source = make(files=files) / "source"
    assert [(source / file.path).read_text() for file in files] == [file.content for file in files]
    assert [oct(mode(source / file.path)) for file in files] == ["0o644", "0o755", "0o644", "0o640"]


@pytest.mark.parametrize("what", [{"files": (AppFile("linked/base.py", "X = 2"),)}, {"shared": ("linked/uploads",)}])
def test_nothing_is_placed_through_a_link_of_the_commit(make, what, app):
    with pytest.raises(SlipwayError, match="lies behind the link linked of the commit"):
        make(**what)
    assert os.listdir(app.layout.releases) == [tree.WORK]


def test_a_link_of_the_commit_is_replaced_and_not_followed(make):
    source = make(files=(AppFile("linked", "now a file"),)) / "source"
    assert (source / "linked").read_text() == "now a file"
    assert (source / "config/base.py").read_bytes() == b"X = 1"


def test_what_is_shared_begins_as_the_commit_has_it_and_outlives_it(make, app, parts):
    source = make(shared=("uploads", "notes.db", "instance/cache")) / "source"
    shared = Path(app.layout.shared)
    assert (shared / "uploads/logo.svg").read_bytes() == b"<svg/>"
    assert (shared / "notes.db").read_bytes() == b"db"
    assert list((shared / "instance/cache").iterdir()) == []
    for name in ("uploads", "notes.db", "instance/cache"):
        assert (source / name).resolve() == shared / name
    assert not [path for path in shared.rglob("*") if path.name.endswith(".new")]


def test_what_is_shared_already_is_left_as_it_is(make, app):
    (Path(app.layout.shared) / "uploads").mkdir()
    (Path(app.layout.shared) / "uploads/mine").write_text("precious")
    source = make(shared=("uploads",)) / "source"
    assert os.listdir(source / "uploads") == ["mine"]


def test_a_share_that_was_killed_is_made_whole_by_the_next_run(make, app, monkeypatch):
    """Without its owner the application could not write there, and nobody would set it again."""
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):

        def killed(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(os, "chown", killed)
        make(shared=("uploads",))
    assert not (Path(app.layout.shared) / "uploads").exists()
    make(shared=("uploads",))
    assert (Path(app.layout.shared) / "uploads/logo.svg").exists()


def test_the_build_sees_plain_files_and_public_environment_and_no_secret(make, monkeypatch):
    seen: dict[str, Any] = {}

    def build(source: Path, environment: Path, _user: str, commands: Any, variables: Any) -> None:
        seen.update(files={p.name for p in source.rglob("*.py")}, venv=environment, commands=commands, env=variables)
        (source / "built.js").write_text("made")

    monkeypatch.setattr(tree.commands, "build", build)
    monkeypatch.setattr(tree.venv, "own", lambda _: None)
    files = (AppFile("plain.py", ""), AppFile("secret.py", "hunter2", secret=True))
    source = make({"A": "1"}, files=files, build_commands=("npm run build",)) / "source"
    assert seen["files"] == {"wsgi.py", "base.py", "plain.py"}
    assert (seen["commands"], seen["env"], seen["venv"].name) == (("npm run build",), {"A": "1"}, "v")
    assert (source / "built.js").read_text() == "made"
    assert (source / "secret.py").read_text() == "hunter2"


@pytest.mark.parametrize("target", ["/etc/shadow", "../../..", "config/../../x"])
def test_a_build_that_links_out_of_the_release_is_refused(make, app, builds, target):
    builds(lambda source: (source / "config/out").symlink_to(target))
    with pytest.raises(SlipwayError, match="The build made config/out, a link out of the release"):
        make(build_commands=("make",))
    assert os.listdir(app.layout.releases) == [tree.WORK]


def test_a_build_may_link_inside_and_what_is_shared_may_lead_out(make, builds):
    builds(lambda source: (source / "config/in").symlink_to("../wsgi.py"))
    source = make(build_commands=("make",), shared=("uploads",)) / "source"
    assert (source / "config/in").read_bytes() == b"app = 1"


def test_a_build_may_leave_a_pipe(make, builds):
    builds(lambda source: os.mkfifo(source / "pipe"))
    assert stat.S_ISFIFO((make(build_commands=("make",)) / "source/pipe").stat().st_mode)


def test_root_takes_a_tree_with_its_first_folder_and_follows_no_link(tmp_path, monkeypatch):
    owned: dict[str, bool] = {}
    monkeypatch.setattr(
        os, "chown", lambda path, user, group, follow_symlinks: owned.update({os.path.normpath(path): follow_symlinks})
    )
    victim = tmp_path / "victim"
    victim.mkdir(mode=0o777)
    victim.chmod(0o777)
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "sub/tool").touch()
    (source / "sub/out").symlink_to(victim)
    for path in (source, source / "sub", source / "sub/tool"):
        path.chmod(0o6777)
    tree.venv.own(source)
    assert set(owned) == {str(source), *(str(path) for path in source.rglob("*"))}
    assert not any(owned.values())
    assert {mode(path) for path in (source, source / "sub", source / "sub/tool")} == {0o755}
    assert mode(victim) == 0o777


def test_an_activation_is_a_release_with_an_environment_that_few_may_read(app):
    setting = Setting({"A": "1", "TOKEN": "hunter2"}, ("init",), ("up",), "/healthz", "blog.example")
    request = Request(Recipe("c", "a", "b", "3.11", "wsgi:app"), setting, public={"A": "1"})
    prepare.make_activation(app, request, WANTED)
    folder = Path(app.layout.activations) / "r.a"
    about = json.loads((folder / "activation.json").read_text())
    assert os.listdir(app.layout.activations) == ["r.a"]
    assert os.readlink(folder / "release") == "../../releases/r"
    assert json.loads((folder / "environment.json").read_text()) == {"A": "1", "TOKEN": "hunter2"}
    assert (mode(folder / "environment.json"), mode(folder / "activation.json")) == (0o640, 0o644)
    assert (about["secret_names"], about["health_path"], about["host"]) == (["TOKEN"], "/healthz", "blog.example")
    assert "hunter2" not in (folder / "activation.json").read_text()


def test_what_killed_runs_left_is_cleaned_away(app):
    for path in (app.layout.releases / tree.WORK / "x", app.layout.activations / tree.WORK, app.layout.incoming):
        Path(path).mkdir(parents=True)
    finished = Path(app.layout.releases) / "r"
    finished.mkdir()
    prepare.clean(app)
    prepare.clean(app)
    assert os.listdir(app.layout.releases) == ["r"]
    assert os.listdir(app.layout.activations) == []
    assert not Path(app.layout.incoming).exists()
