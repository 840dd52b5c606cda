# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs in a release; most of it belongs to the tests on hosts, where there are other users."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._host import commands


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "venv/bin").mkdir(parents=True)
    (tmp_path / "venv/bin/python").symlink_to(sys.executable)
    source = tmp_path / "source"
    source.mkdir()
    (source / "settings.py").write_text("PLACE = 'here'\n", encoding="utf-8")
    (source / "other.py").write_text("print 'of another Python'\n", encoding="utf-8")
    commands.compile_source(source, tmp_path / "venv", None)
    return source


def test_what_can_be_compiled_is(source: Path) -> None:
    assert [path.name.partition(".")[0] for path in source.rglob("*.pyc")] == ["settings"]


def test_a_file_that_is_replaced_later_counts(source: Path) -> None:
    file = source / "settings.py"
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    file.write_text("PLACE = 'elsw'\n", encoding="utf-8")
    os.utime(file, ns=times)
    argv = [sys.executable, "-c", "import settings; print(settings.PLACE)"]
    assert subprocess.run(argv, cwd=source, capture_output=True, text=True, check=True).stdout == "elsw\n"
