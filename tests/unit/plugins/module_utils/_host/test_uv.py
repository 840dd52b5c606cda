# SPDX-License-Identifier: GPL-3.0-or-later
"""Locks and environments, with the real uv and packages of our own: no index is asked."""

from __future__ import annotations

import hashlib
import inspect
import json
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core import lockfile
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.lockfile import Needs
from ansible_collections.slipway.flask.plugins.module_utils._host import pythons, uv, uvfetch
from tests.unit.plugins.module_utils._host.samples import offline, wheel

pytestmark = pytest.mark.long

MINOR = sysconfig.get_python_version()
PYPROJECT = """
[project]
name = "me"
version = "1"
requires-python = ">=3.9"
dependencies = ["alpha"]
[project.optional-dependencies]
more = ["gamma"]
"""


@pytest.fixture
def tool(tmp_path: Path) -> uv.Uv:
    index = tmp_path / "index"
    wheel(index, "alpha", "1.0", "beta>=2")
    wheel(index, "beta", "2.1")
    wheel(index, "gamma", "3.0")
    return uv.find(offline(index, tmp_path / "cache"), tmp_path / "tools")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    (tmp_path / "scratch").mkdir()
    return tmp_path / "project"


def lock(tool: uv.Uv, project: Path, needs: Needs, minor: str = MINOR) -> str:
    return tool.lock(project, needs, minor, pythons.choose(MINOR), project.parent / "scratch")


def test_everything_is_pinned_with_hashes(tool: uv.Uv, project: Path) -> None:
    (project / "requirements.txt").write_text("-r base.txt\n")
    (project / "base.txt").write_text("alpha\ngamma; sys_platform == 'win32'\n-e .\n")
    (project / "pyproject.toml").write_text('[project]\nname = "me"\nversion = "1"\n')
    text = lock(tool, project, Needs("requirements.txt"))
    assert lockfile.pins(text) == {"alpha": "1.0", "beta": "2.1"}
    assert lockfile.problems(text) == []
    assert "index" not in text
    assert text == lock(tool, project, Needs("requirements.txt"))


def test_packages_are_resolved_together_with_the_project(tool: uv.Uv, project: Path) -> None:
    (project / "pyproject.toml").write_text(PYPROJECT)
    assert set(lockfile.pins(lock(tool, project, Needs("pyproject.toml")))) == {"alpha", "beta"}
    assert set(lockfile.pins(lock(tool, project, Needs("pyproject.toml", ("more",))))) == {"alpha", "beta", "gamma"}
    assert set(lockfile.pins(lock(tool, project, Needs(None, (), ("gamma",))))) == {"gamma"}
    assert lock(tool, project, Needs(None)) == ""


def test_a_lock_of_uv_stays_as_it_is(tool: uv.Uv, project: Path) -> None:
    (project / "pyproject.toml").write_text(PYPROJECT)
    subprocess.run([tool.path, "lock", "--quiet"], cwd=project, env=dict(tool.environment), check=True)
    wheel(project.parent / "index", "beta", "2.2")
    found = lockfile.pins(lock(tool, project, Needs("uv.lock", ("more",), ("gamma<4",))))
    assert found == {"alpha": "1.0", "beta": "2.1", "gamma": "3.0"}


def test_a_pylock_stays_as_it_is(tool: uv.Uv, project: Path) -> None:
    (project / "requirements.txt").write_text("alpha\n")
    command = [
        tool.path,
        "pip",
        "compile",
        "--quiet",
        "--format",
        "pylock.toml",
        "requirements.txt",
        "-o",
        "pylock.toml",
    ]
    subprocess.run(command, cwd=project, env=dict(tool.environment), check=True)
    wheel(project.parent / "index", "beta", "2.2")
    found = lockfile.pins(lock(tool, project, Needs("pylock.toml", (), ("gamma",))))
    assert found == {"alpha": "1.0", "beta": "2.1", "gamma": "3.0"}


def test_what_cannot_be_installed_is_said_in_the_words_of_uv(tool: uv.Uv, project: Path) -> None:
    (project / "requirements.txt").write_text("alpha>=9\n")
    with pytest.raises(SlipwayError) as caught:
        lock(tool, project, Needs("requirements.txt"))
    assert f"cannot be installed on Python {MINOR}" in str(caught.value)
    assert "alpha" in str(caught.value)


def test_what_has_no_hash_cannot_be_locked(tool: uv.Uv, project: Path) -> None:
    (project / "part").mkdir()
    (project / "part/pyproject.toml").write_text('[project]\nname = "part"\nversion = "1"\n')
    (project / "requirements.txt").write_text("./part\n")
    with pytest.raises(SlipwayError, match=r"cannot be locked with hashes:\n.*part"):
        lock(tool, project, Needs("requirements.txt"))


def test_an_environment_holds_the_locks_and_nothing_else(tool: uv.Uv, project: Path, tmp_path: Path) -> None:
    (tmp_path / "lock.txt").write_text(lock(tool, project, Needs(None, (), ("gamma",))))
    (tmp_path / "empty.txt").write_text("")
    tool.environment_at(tmp_path / "venv", pythons.choose(MINOR), [tmp_path / "lock.txt", tmp_path / "empty.txt"])
    code = "import gamma; print(gamma.version)"
    done = subprocess.run([tmp_path / "venv/bin/python", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "3.0\n"


def test_a_package_that_is_not_the_locked_one_is_not_installed(tool: uv.Uv, project: Path, tmp_path: Path) -> None:
    text = lock(tool, project, Needs(None, (), ("gamma",)))
    (tmp_path / "lock.txt").write_text(text.replace("sha256:", "sha256:0000")[:200].rstrip())
    with pytest.raises(SlipwayError, match="locked packages cannot be installed"):
        tool.environment_at(tmp_path / "venv", pythons.choose(MINOR), [tmp_path / "lock.txt"])


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without uv."""
    monkeypatch.setattr(sysconfig, "get_path", lambda _name: str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda _name: None)


@pytest.mark.usefixtures("without")
def test_uv_is_fetched_once_with_the_hash_that_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    index = tmp_path / "index"
    monkeypatch.setattr(uvfetch, "HASHES", (hashlib.sha256(program(index).read_bytes()).hexdigest(),))
    environment = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index)}
    found = uv.find(environment, tmp_path / "tools")
    assert subprocess.run([found.path], capture_output=True, text=True, check=True).stdout == "I am uv\n"
    shutil.rmtree(index)
    assert uv.find(environment, tmp_path / "tools").path == found.path
    assert [path.name for path in (tmp_path / "tools").iterdir()] == [f"uv-{uvfetch.VERSION}"]


def test_a_host_fetches_it_by_the_text_alone(tmp_path: Path) -> None:
    digest = hashlib.sha256(program(tmp_path / "index").read_bytes()).hexdigest()
    text = (
        inspect.getsource(uvfetch).replace("/opt/slipway", str(tmp_path / "tools")).replace(uvfetch.HASHES[0], digest)
    )
    text = text.replace("/usr/bin/python3", sys.executable)
    told = json.dumps({"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "index")})
    subprocess.run([sys.executable, "-I", "-S", "-c", text], input=told, text=True, cwd=tmp_path, check=True)
    there = uvfetch.place(tmp_path / "tools")
    assert subprocess.run([there], capture_output=True, text=True, check=True).stdout == "I am uv\n"
    assert list((tmp_path / "tools").iterdir()) == [there.parent]


@pytest.mark.usefixtures("without")
def test_another_uv_than_the_known_one_is_refused(tmp_path: Path) -> None:
    program(tmp_path / "index")
    environment = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "index")}
    with pytest.raises(SlipwayError, match=r"(?s)which is not here.*-m pip install uv"):
        uv.find(environment, tmp_path / "tools")
    assert not list((tmp_path / "tools").glob("*/uv"))


def test_an_index_that_pip_knows_is_uvs_too(tmp_path: Path) -> None:
    address = "https://index.example.org/simple"
    assert uv.find({"PIP_INDEX_URL": address}, tmp_path).environment["UV_DEFAULT_INDEX"] == address
    asked = uv.find({"PIP_INDEX_URL": address, "UV_NO_INDEX": "1"}, tmp_path)
    assert "UV_DEFAULT_INDEX" not in asked.environment


def program(folder: Path) -> Path:
    """A wheel like that of uv, with a program that says so."""
    path = folder / f"uv-{uvfetch.VERSION}-py3-none-any.whl"
    folder.mkdir()
    info, data = f"uv-{uvfetch.VERSION}.dist-info", f"uv-{uvfetch.VERSION}.data/scripts/uv"
    files = {
        data: "#!/bin/sh\necho I am uv\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: uv\nVersion: {uvfetch.VERSION}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path
