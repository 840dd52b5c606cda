# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading for those who only look: what is missing, unreadable or damaged reads as nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def document(path: Path) -> Any:
    """The JSON of a file, None where there is none."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
