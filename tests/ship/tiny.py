# SPDX-License-Identifier: GPL-3.0-or-later
"""A second app, as small as an app can be, on the host of the first: another inventory, root and name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .ground import Ground
from .guest import Guest, Shape, pinned

NAME, FOLDER = "tiny", "/srv/apps/tiny"
WSGI = """import os

from flask import Flask

app = Flask(__name__)


@app.route("/")
def home() -> str:
    return f"tiny {os.environ.get('SLIPWAY_COMMIT', '')}"
"""
TEST = """import unittest

from wsgi import app


class Home(unittest.TestCase):
    def test_answers(self) -> None:
        self.assertEqual(app.test_client().get("/").status_code, 200)
"""


class Tiny(Guest):
    """The second app on the hosts of `first`."""

    def __init__(self, folder: Path, first: Ground, **variables: Any) -> None:
        files = {"wsgi.py": WSGI, "test_wsgi.py": TEST, "requirements.txt": f"{pinned('flask')}\n"}
        super().__init__(folder, first, Shape(files, {"app_name": NAME, "app_root": FOLDER} | variables))
