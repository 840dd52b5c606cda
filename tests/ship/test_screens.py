# SPDX-License-Identifier: GPL-3.0-or-later
"""What the blog looks like, wide and on a phone: pictures in build/screens, for a person to look at."""

from __future__ import annotations

import json
import struct
import subprocess
from pathlib import Path

import pytest

from .ground import Ground
from .project import ROOT

SCREENS = ROOT / "build" / "screens"
SIZES = {"wide": (1280, 1000), "phone": (390, 844)}
LIMIT = 120
LEAST = 15_000  # bytes: an empty page is a few thousand


def screenshot(url: str, file: Path, size: tuple[int, int], profile: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}"]
    window = f"--window-size={size[0]},{size[1]}"
    subprocess.run(
        ["chromium", *options, window, f"--screenshot={file}", url], capture_output=True, timeout=LIMIT, check=True
    )


@pytest.mark.parametrize("screen", SIZES)
def test_pages_are_drawn(shipped_ground: Ground, screen: str, tmp_path: Path) -> None:
    newest = json.loads(shipped_ground.answer("/api/posts?per_page=1"))["items"][0]
    for name, path in {"front": "/", "post": f"/posts/{newest['id']}", "join": "/register"}.items():
        file = SCREENS / f"{name}-{screen}.png"
        screenshot(shipped_ground.url + path, file, SIZES[screen], tmp_path / "profile")
        picture = file.read_bytes()
        assert struct.unpack(">II", picture[16:24]) == SIZES[screen]
        assert len(picture) > LEAST, f"{file} shows nothing"
