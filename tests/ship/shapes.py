# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications of other shapes than the blog, each with the habits of real ones and with few variables."""

from __future__ import annotations

from .guest import Shape, pinned

# One module without a factory, nothing but Flask. A debug mode that somebody committed; files in $HOME and under a
# fixed name in /tmp; configuration as JSON in a variable; tests that write into their tree; no production server.
MODULE = Shape(
    {
        "app.py": """import json
import os
from pathlib import Path

from flask import Flask, jsonify

app = Flask(__name__)
app.config.update(json.loads(os.environ.get("SETTINGS", "{}")))
Path("/tmp/the-cache").write_text(os.environ.get("SLIPWAY_APP", ""))
Path.home().joinpath(".history").touch()


@app.get("/")
def home():
    cache = Path("/tmp/the-cache").read_text()
    return jsonify(debug=app.debug, title=app.config.get("TITLE"), cache=cache, home=str(Path.home()))
""",
        "test_app.py": """import unittest
from pathlib import Path

from app import app


class Home(unittest.TestCase):
    def test_answers(self):
        Path("report.txt").write_text("tests write where they stand")
        self.assertEqual(app.test_client().get("/").status_code, 200)
""",
        "requirements.txt": f"{pinned('flask')}\n",
        ".flaskenv": "FLASK_APP=app\nFLASK_DEBUG=1\n",
        ".env": "FLASK_DEBUG=1\n",
    },
    {
        "app_name": "module",
        "app_wsgi": "app:app",
        "app_environment": {"SETTINGS": '{"TITLE": "It\'s \\"quoted\\", $HOME & 100 %"}'},
        "app_migrate_commands": ["""python -c 'import app; assert not app.app.debug'"""],
    },
)

# A package below src/ that only works when it is installed: it reads its own version, finds its plugin by its entry
# point, and has a command. Translations are compiled; the configuration is a file that a variable names; it writes to
# a folder of its tree; what runs once would destroy data the second time; static files live at the root of the site.
PACKAGE = Shape(
    {
        "pyproject.toml": f"""[project]
name = "packaged"
version = "1.2.3"
requires-python = ">=3.11"
dependencies = ["{pinned("flask")}", "babel==2.18.0"]

[project.scripts]
packaged-init = "packaged.manage:init"

[project.entry-points."packaged.greetings"]
polite = "packaged.greetings:polite"

[dependency-groups]
dev = ["pytest"]

[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[tool.pytest.ini_options]
testpaths = ["tests"]
""",
        "src/packaged/__init__.py": """import gettext
import os
from importlib import metadata
from pathlib import Path

from flask import Flask, jsonify

HERE = Path(__file__).parent


def create_app(name="packaged"):
    app = Flask(name, static_folder=None)
    app.config.from_file(os.environ.get("PACKAGED_SETTINGS", HERE / "defaults.json"), load=app.json.load, text=False)

    @app.get("/about")
    def about():
        (greet,) = metadata.entry_points(group="packaged.greetings")
        word = gettext.translation("messages", HERE / "translations", ["de"], fallback=True).gettext("good day")
        visits = Path("var/visits")
        visits.open("a").write("x")
        return jsonify(
            version=metadata.version("packaged"),
            greeting=greet.load()(word),
            place=app.config["PLACE"],
            visits=len(visits.read_text()),
            commit=os.environ.get("SLIPWAY_COMMIT", ""),
        )

    return app
""",
        "src/packaged/defaults.json": '{"PLACE": "nowhere"}\n',
        "src/packaged/greetings.py": 'def polite(word):\n    return f"{word}!"\n',
        "src/packaged/manage.py": """from pathlib import Path


def init():
    Path("var/made").touch(exist_ok=False)
""",
        "src/packaged/translations/de/LC_MESSAGES/messages.po": """msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "good day"
msgstr "guten Tag"
""",
        "tests/test_packaged.py": """from packaged import create_app


def test_about():
    assert create_app().test_client().get("/about").json["version"] == "1.2.3"
""",
        "public/robots.txt": "User-agent: *\n",
        "var/.gitkeep": "",
    },
    {
        "app_name": "packaged",
        "app_wsgi": "packaged:create_app('packaged')",
        "app_build_commands": ["pybabel compile -d src/packaged/translations"],
        "app_files": {"settings.json": '{"PLACE": "here"}'},
        "app_environment": {"PACKAGED_SETTINGS": "${SLIPWAY_SOURCE}/settings.json"},
        "app_shared": ["var"],
        "app_init_commands": ["packaged-init"],
        "app_static": {"/": "public"},
        "app_health_path": "/about",
    },
)

# A WSGI callable without any framework, and no requirements. It makes its table while it is imported, and would not
# bear a second process at that; it insists on a cache beside its code; it may run in exactly one process.
PLAIN = Shape(
    {
        "plain.py": """import json
import os
import sqlite3
import time
from pathlib import Path

CACHE = Path(__file__).parent / "cache"
CACHE.mkdir(exist_ok=True)
CACHE.joinpath("started").touch()
with sqlite3.connect(os.environ.get("DATABASE_URL", "sqlite:///:memory:").removeprefix("sqlite:///")) as database:
    if not database.execute("SELECT name FROM sqlite_master").fetchall():
        time.sleep(1)
        database.execute("CREATE TABLE posts (id INTEGER)")


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"commit": os.environ.get("SLIPWAY_COMMIT", ""), "process": os.getpid()}).encode()]
""",
        "test_plain.py": """import unittest

from plain import application


class Answer(unittest.TestCase):
    def test_answers(self):
        self.assertTrue(application({}, lambda status, headers: None))
""",
    },
    {
        "app_name": "plain",
        "app_wsgi": "plain:application",
        "app_requirements": [],
        "app_init_commands": ["true"],
        "app_shared": ["cache"],
    },
)
ONE_PROCESS = {"web_slots": 1, "uwsgi_processes": 1, "uwsgi_threads": 1}
DIES = """

def answer_once(environ, start_response, answer=application):
    import threading

    threading.Timer(0.3, os._exit, [1]).start()
    return answer(environ, start_response)


if "SLIPWAY_APP" in os.environ:
    application = answer_once
"""

# No WSGI callable: a program that serves by itself, and one beside it that works through a queue.
SERVED = Shape(
    {
        "serve.py": """import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"commit": os.environ["SLIPWAY_COMMIT"], "for": self.headers["X-Forwarded-Host"]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
""",
        "scheduler.py": """import os
import signal
import sys
from pathlib import Path

DIARY = Path("diary/scheduler")


def note(word):
    with DIARY.open("a") as diary:
        diary.write(f"{word} {os.environ['SLIPWAY_COMMIT']}\\n")


def end(*_):
    note("ends")
    sys.exit()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    note("begins")
    while True:
        signal.pause()
""",
        "worker.py": """import os
import signal
import subprocess
import sys
import time
from pathlib import Path

DIARY = Path("diary/worker")
HAND = subprocess.Popen(["sleep", "1000"])


def note(word):
    with DIARY.open("a") as diary:
        diary.write(f"{word} {os.environ['SLIPWAY_COMMIT']}\\n")


def end(*_):
    time.sleep(1)  # what it is at
    note("ends" if HAND.poll() is None else "lost its hand")
    HAND.kill()
    sys.exit()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    note("begins")
    while True:
        signal.pause()
""",
        "test_serve.py": """import unittest

from serve import Handler


class Serve(unittest.TestCase):
    def test_answers_get(self):
        self.assertTrue(Handler.do_GET)
""",
    },
    {
        "app_name": "served",
        "app_programs": {
            "web": "python serve.py",
            "scheduler": "python scheduler.py",
            "worker": {"command": "exec python worker.py", "slots": 2, "stop_seconds": 30, "stop_group": False},
        },
        "app_requirements": [],
        "app_shared": ["diary"],
    },
)

# Its first answer takes long, in each process anew; then its database is gone and every answer hangs.
SLOW = Shape(
    {
        "slow.py": """import os
import time

cold = True


def application(environ, start_response):
    global cold
    if cold and "SLIPWAY_APP" in os.environ:
        time.sleep(12)
    cold = False
    start_response("200 OK", [])
    return [b"warm"]
""",
        "test_slow.py": """import unittest

from slow import application


class Answer(unittest.TestCase):
    def test_answers(self):
        self.assertEqual(application({}, lambda status, headers: None), [b"warm"])
""",
    },
    {"app_name": "slow", "app_wsgi": "slow:application", "app_requirements": []},
)
HANGS = """

def application(environ, start_response):
    if "SLIPWAY_APP" in os.environ:
        time.sleep(30)
        raise ConnectionError("no database at db.example")
    return [b"warm"]
"""

# A package that comes as source only, and wants a compiler and a library's headers.
COMPILED = Shape(
    {
        "compiled.py": """import psycopg2


def application(environ, start_response):
    start_response("200 OK", [])
    return [psycopg2.__version__.encode()]
""",
        "test_compiled.py": """import unittest

from compiled import application


class Answer(unittest.TestCase):
    def test_answers(self):
        self.assertTrue(application({}, lambda status, headers: None))
""",
        "requirements.txt": "psycopg2==2.9.10\n",
    },
    {"app_name": "compiled", "app_wsgi": "compiled:application"},
)
