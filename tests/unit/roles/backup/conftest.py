# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rooms of the program that backs up. What restic and PostgreSQL do with it is tried on hosts."""

from __future__ import annotations

from pathlib import Path

import pytest

from here import Here


@pytest.fixture
def here(tmp_path: Path) -> Here:
    for name in ("shared", "home"):
        (tmp_path / name).mkdir()
    settings = {"password_file": "", "environment": {"KEY": "hunter2"}, "late_days": 2, "sftp": "", "keep": {}}
    return Here(app="blog", host="web1", root=tmp_path, repository="/vault", files=True, database={}, **settings)
