# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in of Heroku in a throwaway host, for tests:

with platform("mine") as heroku:
    heroku.api_url, heroku.key, heroku.git_url("blog"), heroku.sql("blog", "SELECT 1"), heroku.logs("blog")

No account of Heroku was ever reached: this is a model after its published schema, its documents, and the sources of its
buildpack and its command line. `test_cli.py` lets the real `heroku` judge it.

Real: git over HTTP, the installation of requirements with their hashes, processes, PostgreSQL and RabbitMQ (a database,
a virtual host and a user for each app), each dyno's own copy of the slug, the environment of dynos, `.profile`.
Modelled: releases (one release phase at a time; one that fails leaves the config vars set and the old release running;
the push itself succeeds all the same), rollback with config vars, add-ons that are there a moment later, dynos that
crash (started again at once, then with back-off), R10, the router (holds a request while a dyno starts, 503 when there
is none), logs, the limit of requests.
Not there: TLS, stacks and CPython of one's own (the host's python3 runs whatever `.python-version` says), package
managers other than requirements.txt, memory and time limits, dynos that sleep, preboot, pipelines, domains, attachments
of one add-on to several apps, more than one add-on of a service, prices. It answers at once where Heroku takes time.
"""

from __future__ import annotations

import contextlib
import io
import json
import secrets
import shutil
import tarfile
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import hosts
from tests.hosts import Host, HostSet, machine, ready

PORT, WEB_PORTS = 5000, (5001, 5002, 5003, 5004)
PACKAGES = "git postgresql python3 rabbitmq-server"
UNIT = """[Service]
EnvironmentFile=/opt/standin/environment
WorkingDirectory=/opt/standin
ExecStart=/usr/bin/python3 -m standin
KillMode=control-group
"""
INSTALL = f"""set -e
update-ca-certificates >/dev/null 2>&1
useradd --system --create-home --home-dir /srv/heroku dyno
apt-get -q update
export DEBIAN_FRONTEND=noninteractive
apt-get -qy -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends {PACKAGES}
chmod 711 /srv/heroku
systemctl start standin.service
"""


@dataclass(frozen=True)
class Platform:
    """The platform as somebody with an account sees it, and what tests look at beyond that."""

    host: Host
    key: str = field(repr=False)
    other_key: str = field(repr=False)
    """Of another account, which has nothing to do with the first."""

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.host.ports[PORT]}"

    def git_url(self, app: str) -> str:
        return f"{self.api_url}/{app}.git"

    def call(self, method: str, path: str, body: Any = None, key: str = "") -> Any:
        """An answer of the API."""
        headers = {"Authorization": f"Bearer {key or self.key}", "Accept": "application/vnd.heroku+json; version=3"}
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.api_url + path, content, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def busy(self, count: int, retry_after: int = 1) -> None:
        """The next `count` requests are told that there were too many."""
        self.call("POST", "/-/busy", {"count": count, "retry_after": retry_after})

    def sql(self, app: str, query: str) -> str:
        """What the app's own user sees in its database."""
        url = self.call("GET", f"/apps/{app}/config-vars")["DATABASE_URL"]
        return self.sh(f'psql -At "{url}" -c "{query}"')

    def logs(self, app: str, lines: int = 1500) -> str:
        session = self.call("POST", f"/apps/{app}/log-sessions", {"lines": lines})
        with urllib.request.urlopen(session["logplex_url"], timeout=60) as answer:
            return str(answer.read().decode())

    def sh(self, script: str) -> str:
        return hosts.execute(self.host, "bash", "-c", script).stdout.decode(errors="replace").strip()


@contextlib.contextmanager
def platform(name: str, **settings: str) -> Iterator[Platform]:
    """`settings`: BOOT_SECONDS until a web dyno has to listen (60), COOL_OFF_SECONDS after a second crash (600)."""
    called = f"heroku-{name}"
    hosts.down(called)
    (host,) = hosts.up(HostSet(called, 1, 13, extra_ports=(PORT, *WEB_PORTS)))
    try:
        here = Platform(host, secrets.token_hex(20), secrets.token_hex(20))
        hosts.execute(host, "tar", "-x", "--no-same-owner", "-C", "/", stdin=_files(here, settings))
        hosts.execute(host, "sh", "-c", INSTALL)
        _wait(here)
        yield here
    finally:
        hosts.down(called)


def _wait(here: Platform) -> None:
    def answers() -> bool:
        with contextlib.suppress(OSError):
            return bool(here.call("GET", "/account"))
        return False

    ready.until(answers, "the stand-in of Heroku", 30)


def _files(here: Platform, settings: Mapping[str, str]) -> bytes:
    """Program, unit, settings and uv; what this machine needs to reach package registries, the host needs too."""
    needs: Mapping[str, Any] = machine.inventory_variables()
    ports = {port: here.host.ports[port] for port in (PORT, *WEB_PORTS)}
    told = {"PORT": PORT, "PORTS": json.dumps(ports), "KEY": here.key, "OTHER_KEY": here.other_key, **settings}
    environment = {f"STANDIN_{name}": value for name, value in told.items()}
    environment |= {"UV_SYSTEM_CERTS": "1", **needs.get("base_download_environment", {})}
    uv = shutil.which("uv")
    assert uv, "uv is a part of the virtual environment of tests: make tools-test"
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        tar.add(Path(__file__).with_name("standin"), "opt/standin/standin", filter=_source)
        tar.add(uv, "usr/local/bin/uv")
        for path in needs.get("base_ca_certificates", ()):
            tar.add(path, f"usr/local/share/ca-certificates/{Path(path).name}")
        _add(tar, "etc/systemd/system/standin.service", UNIT)
        _add(tar, "opt/standin/environment", "".join(f"{name}='{value}'\n" for name, value in environment.items()))
    return stream.getvalue()


def _source(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in entry.name else entry


def _add(tar: tarfile.TarFile, path: str, text: str) -> None:
    entry = tarfile.TarInfo(path)
    entry.size = len(text.encode())
    tar.addfile(entry, io.BytesIO(text.encode()))
