# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures that `make soak` measures, kept as small JSON beside the documents: with the commit and the date."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
from collections.abc import Mapping
from typing import Any

from .project import ROOT

FOLDER = ROOT / "docs" / "figures"


def keep(name: str, measured: Mapping[str, Any]) -> None:
    """Replace docs/figures/NAME.json; to be committed by whoever measured."""
    described = {
        "commit": subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.strip(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "cores": os.cpu_count(),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps({**described, **measured}, indent=1) + "\n")
