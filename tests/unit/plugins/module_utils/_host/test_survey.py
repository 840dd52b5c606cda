# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""On a small file system of the tests' own, and once on the machine itself."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
import sys
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._host import installing
from ansible_collections.slipway.flask.plugins.module_utils._host.survey import survey

DEFAULT = "server { listen 80 default_server; server_name _; }\n"


def put(root: Path, path: str, content: object) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A Debian 12 host with nginx as Debian ships it, one site of a person, and one app."""
    put(tmp_path, "etc/os-release", 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n')
    put(tmp_path, "proc/meminfo", "MemTotal: 2097152 kB\nMemAvailable: 1048576 kB\n")
    for name in ("python3.9", "python3.11", "python3.11-config"):
        put(tmp_path, f"usr/bin/{name}", "")
    (tmp_path / "usr/bin/python3").symlink_to("python3.11")
    put(tmp_path, "etc/nginx/sites-available/default", DEFAULT)
    put(tmp_path, "etc/nginx/conf.d/own.conf", "\nserver { listen 81; server_name shop.example; }")
    put(tmp_path, "etc/nginx/sites-enabled/.default.dpkg-new", DEFAULT)
    (tmp_path / "etc/nginx/sites-enabled/default").symlink_to(tmp_path / "etc/nginx/sites-available/default")
    digest = hashlib.md5(DEFAULT.encode()).hexdigest()
    put(tmp_path, "var/lib/dpkg/status", f"Conffiles:\n /etc/nginx/sites-available/default {digest}\n")
    put(tmp_path, "etc/slipway/host.json", {})
    put(tmp_path, "etc/slipway/blog/app.json", {"root": "/data/blog", "user": "app-blog"})
    put(tmp_path, "etc/slipway/blog/services/databases.json", {"DATABASE_URL": "postgresql://blog:hunter2@db"})
    put(tmp_path, "etc/slipway/blog/signers", "deploy ssh-ed25519 AAAA\n")
    put(tmp_path, "etc/slipway/blog/programs/web.json", {"name": "web", "slots": 2})
    put(tmp_path, "var/lib/slipway/blog/ledger.json", [{"activation": "a1"}])
    put(tmp_path, "var/lib/slipway/blog/lock.json", {"by": "me"})
    put(tmp_path, "var/lib/slipway/blog/markers.json", {"initialised": True})
    put(tmp_path, "data/blog/activations/a1/activation.json", {"commit": "c0ffee"})
    put(tmp_path, "data/blog/activations/a1/environment.json", {"SECRET_KEY": "hunter2"})
    (tmp_path / "data/blog/current").symlink_to("activations/a1")
    return tmp_path


def test_the_system(root):
    facts = survey(root)
    assert (facts["distribution"], facts["release"], facts["codename"]) == ("debian", "12", "bookworm")
    assert (facts["python"], facts["pythons"]) == ("3.11", ["3.9", "3.11"])
    assert (facts["memory_mb"], facts["memory_available_mb"]) == (2048, 1024)
    assert facts["disk_free_mb"]["/srv"] > 0
    assert facts["reboot_required"] is False


def test_the_interpreter_that_keeps_steps_compiled(root, monkeypatch):
    monkeypatch.setattr("sys.prefix", sys.base_prefix)
    monkeypatch.setattr("sys.executable", str(root / "usr/bin/python3"))
    assert survey(root)["step_cache"] == ""
    put(root, "usr/local/lib/slipway/python", "#!/usr/bin/python3\n")
    assert survey(root)["step_cache"] == hashlib.sha256(b"#!/usr/bin/python3\n").hexdigest()
    # a user's own Python stays in use, and so does a virtual environment, which leads to the same program
    monkeypatch.setattr("sys.executable", str(root / "usr/bin/python3.9"))
    assert survey(root)["step_cache"] is None
    monkeypatch.setattr("sys.executable", str(root / "usr/bin/python3"))
    monkeypatch.setattr("sys.prefix", "/opt/venv")
    assert survey(root)["step_cache"] is None


def test_apps_that_are_backed_up(root):
    assert survey(root)["backups"] == []
    # also where an app has nothing but its database
    put(root, "etc/slipway/shop/backup.json", {"environment": {"KEY": "hunter2"}})
    sign = put(root, "var/lib/slipway/shop/restoring", "")
    assert survey(root)["restoring"] == []
    with sign.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert survey(root)["restoring"] == ["shop"]
    assert survey(root)["backups"] == ["shop"] and "hunter2" not in str(survey(root))


def test_an_app(root):
    put(root, "data/blog/venvs/3.11-b10c/.complete", "")
    put(root, "data/blog/venvs/3.11-halfway/pyvenv.cfg", "")
    assert survey(root)["apps"] == {
        "blog": {
            "config": {"root": "/data/blog", "user": "app-blog"},
            "current": {"commit": "c0ffee"},
            "lock": {"by": "me"},
            "ledger": [{"activation": "a1"}],
            "front": None,
            "initialised": True,
            "services": ["DATABASE_URL"],
            "environments": ["3.11-b10c"],
            "signers": "deploy ssh-ed25519 AAAA\n",
            "programs": {"web": {"name": "web", "slots": 2}},
        }
    }


def test_no_secret_is_in_the_facts(root):
    assert "hunter2" not in json.dumps(survey(root))


def test_an_app_of_which_nothing_but_its_description_is_left(root):
    put(root, "etc/slipway/shop/app.json", {"root": "/srv/shop"})
    assert survey(root)["apps"]["shop"] == {
        "config": {"root": "/srv/shop"},
        "current": None,
        "lock": None,
        "ledger": None,
        "front": None,
        "initialised": False,
        "services": [],
        "environments": [],
        "signers": "",
        "programs": {},
    }


def test_sites(root):
    own, default = survey(root)["front"]["nginx"]["sites"]
    assert own == {
        "path": "/etc/nginx/conf.d/own.conf",
        "file": "/etc/nginx/conf.d/own.conf",
        "line": 2,
        "listens": ["81"],
        "names": ["shop.example"],
        "ours": False,
        "app": "",
        "pristine": False,
    }
    assert default["path"] == "/etc/nginx/sites-enabled/default"
    assert default["file"] == "/etc/nginx/sites-available/default"
    assert default["pristine"] is True


def test_a_default_site_that_somebody_changed_is_not_pristine(root):
    put(root, "etc/nginx/sites-available/default", DEFAULT + "# mine\n")
    assert survey(root)["front"]["nginx"]["sites"][-1]["pristine"] is False


def test_our_own_site(root):
    put(root, "etc/nginx/sites-enabled/blog.conf", f"# slipway.flask: the site blog; placed\n{DEFAULT}")
    ours = [site for site in survey(root)["front"]["nginx"]["sites"] if site["ours"]]
    assert [site["app"] for site in ours] == ["blog"]


def test_what_dpkg_has_not_written_to_its_list_yet_is_known(root):
    stanza = "Package: {}\nStatus: install ok {}\nArchitecture: all\nMaintainer: me\nVersion: 1\n{}Description: it\n"
    rows = [("nginx", "unpacked", ""), ("tzdata", "installed", "")]
    put(root, "var/lib/dpkg/status", "\n".join(stanza.format(*row) for row in rows))
    for name in ("info/format", "available", "diversions", "statoverride", "triggers/File"):
        put(root, f"var/lib/dpkg/{name}", "1\n" if name == "info/format" else "")
    assert survey(root)["packages"] == ["tzdata"]
    digest = hashlib.md5(DEFAULT.encode()).hexdigest()
    files = f"Conffiles:\n /etc/nginx/sites-available/default {digest}\n"
    put(root, "var/lib/dpkg/updates/0000", stanza.format("nginx", "installed", files))
    facts = survey(root)
    assert facts["packages"] == ["nginx", "tzdata"]
    assert [site["pristine"] for site in facts["front"]["nginx"]["sites"] if site["path"].endswith("/default")] == [
        True
    ]


def test_packages_that_are_on_their_way(root):
    assert survey(root)["installing"] is False
    place = put(root, installing.PLACE, "")
    assert survey(root)["installing"] is False
    with place.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert survey(root)["installing"] is True


def test_a_reboot_is_due_for_a_younger_kernel(root):
    os.utime(put(root, f"boot/vmlinuz-{os.uname().release}", ""), (1, 1))
    assert survey(root)["reboot_required"] is False
    os.utime(put(root, "boot/vmlinuz-99", ""), (2, 2))
    assert survey(root)["reboot_required"] is True


def test_a_reboot_is_due_when_packages_say_so(root):
    put(root, "run/reboot-required", "")
    assert survey(root)["reboot_required"] is True


def test_damaged_files_are_no_reason_to_fail(root):
    put(root, "etc/slipway/blog/app.json", "{")
    put(root, "proc/net/tcp", "nothing\nof\nthe kind\n")
    (root / "etc/nginx/sites-enabled/gone").symlink_to("/nowhere")
    assert survey(root)["apps"] == {}


def test_an_empty_host_has_no_facts_but_fails_nothing(tmp_path):
    facts = survey(tmp_path)
    assert (facts["distribution"], facts["python"], facts["apps"], facts["listeners"]) == ("", "", {}, {})


def test_a_listener_of_this_very_process():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        found = survey()["listeners"][port]
    assert found["pid"] == os.getpid()
    assert found["addresses"] == ["127.0.0.1"]
