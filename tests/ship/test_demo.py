# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`, as README says it."""

from __future__ import annotations

import subprocess

import pytest

from .probe import ask
from .project import ROOT

LIMIT = 600


@pytest.mark.soak
def test_make_demo() -> None:
    done = subprocess.run(["make", "demo"], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False)
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        assert "The blog is live: http://127.0.0.1:8080" in done.stdout
        assert "<html" in ask("http://127.0.0.1:8080")
    finally:
        subprocess.run(["make", "demo-down"], cwd=ROOT, timeout=LIMIT, check=True)
