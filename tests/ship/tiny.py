# SPDX-License-Identifier: GPL-3.0-or-later
"""A second app, as small as an app can be, on the host of the first: another inventory, root and name."""

from __future__ import annotations

import re
import urllib.request
from pathlib import Path
from typing import Any

from tests.hosts import HostSet

from . import inside
from .ground import Ground
from .project import ROOT, SUBDIR, Project

PATIENCE = 5.0
NAME, DOMAIN, FOLDER = "tiny", "tiny.example", "/srv/apps/tiny"
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
DESCRIPTION = {
    "app_name": NAME,
    "app_root": FOLDER,
    "app_domains": [DOMAIN],
    "app_wsgi": "wsgi:app",
    "app_static": {},
    "app_init_commands": [],
    "app_migrate_commands": [],
    "app_health_path": "/",
}
GONE = f"""
systemctl disable --now slipway-{NAME}
rm -rf /etc/nginx/sites-*/{NAME}.conf /etc/systemd/system/slipway-{NAME}.service /etc/slipway/{NAME} /srv/apps
rm -rf /var/lib/slipway/{NAME} /var/log/slipway/{NAME}
systemctl daemon-reload
systemctl reload nginx
"""


class TinyProject(Project):
    """A repository with one page and one test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / SUBDIR).mkdir(parents=True)
        flask = re.search(r"(?im)^flask==[\w.]+", (ROOT / SUBDIR / "requirements.txt").read_text())
        assert flask
        self.git("init", "--quiet", "--initial-branch=main")
        files = {"wsgi.py": WSGI, "test_wsgi.py": TEST, "requirements.txt": f"{flask[0]}\n"}
        self.commit("A page", files)
        self.settle()


class Tiny(Ground):
    """The second app on the hosts of `first`."""

    def __init__(self, folder: Path, first: Ground, debian: int) -> None:
        folder.mkdir(mode=0o711)
        super().__init__(folder, HostSet(first.name, len(first.hosts), debian), TinyProject(folder / "project"), {})

    def describe(self, **variables: Any) -> None:
        super().describe(**DESCRIPTION | variables)

    def page(self) -> str:
        """What the second app answers; raises OSError when it does not."""
        asked = urllib.request.Request(self.url, headers={"Host": DOMAIN})
        with urllib.request.urlopen(asked, timeout=PATIENCE) as response:
            body: bytes = response.read()
        return body.decode()

    def remove(self) -> None:
        """The first app shall not be the second's neighbour in other tests."""
        inside.sh(self.host, GONE)
