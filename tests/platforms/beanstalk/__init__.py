# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS with Elastic Beanstalk, for tests, on a throwaway host. What it models, and what not: engine/__main__.py.

with platform("beanstalk") as aws:
    subprocess.run([...], env={**os.environ, **aws.environment})
    aws.database_url("blog"), aws.sql("select 1", "blog"), aws.log()
"""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from tests import hosts
from tests.hosts import Host, HostSet, machine, ready

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
REGION, ACCOUNT, ENVIRONMENTS = "us-east-1", "123456789012", 3
INSTALL = """set -e
export DEBIAN_FRONTEND=noninteractive
update-ca-certificates >/dev/null
apt-get -qq update
apt-get -qq install -y --no-install-recommends python3 >/dev/null
(uv venv --quiet --python /usr/bin/python3 /opt/aws &&
  uv pip install --quiet --require-hashes --python /opt/aws/bin/python --requirement /opt/platforms.txt) &
apt-get -qq install -y --no-install-recommends postgresql >/dev/null
useradd --system --home-dir /var/app webapp
mkdir -p /var/app /var/lib/beanstalk/venvs
wait $!
"""


@dataclass(frozen=True)
class Aws:
    """`endpoint_url` is the same from here and from the host; so are the addresses of environments."""

    host: Host
    port: int

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What boto3, amazon.aws and the command line tools read."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def database_url(self, name: str) -> str:
        """A database of its own on the host's PostgreSQL, as programs there reach it; made when it is not there."""
        if not self.sql(f"select 1 from pg_roles where rolname = '{name}'"):
            self.sql(f"create role \"{name}\" login password '{name}'")
            self.sql(f'create database "{name}" owner "{name}"')
        return f"postgresql://{name}:{name}@127.0.0.1:5432/{name}"

    def sql(self, query: str, database: str = "postgres") -> str:
        argv = ("runuser", "-u", "postgres", "--", "psql", "-XAtq", "-d", database, "-c", query)
        return hosts.execute(self.host, *argv).stdout.decode().strip()

    def log(self) -> str:
        """What the stand-in said, and the logs of all instances: where to look when a deployment failed."""
        script = "journalctl --no-pager --output=cat --unit=aws; tail -n 40 /var/lib/beanstalk/instances/*/*.log"
        return hosts.execute(self.host, "sh", "-c", script, check=False).stdout.decode(errors="replace")


@contextmanager
def platform(name: str) -> Iterator[Aws]:
    ports = _ports(1 + ENVIRONMENTS)
    [host] = hosts.up(HostSet(name, debian=13, groups={}, publish={port: port for port in ports}))
    try:
        _install(host)
        yield _start(host, ports)
    finally:
        hosts.down(name)


def _ports(count: int) -> list[int]:
    spoken_for = {port for host in hosts.find() for port in host.ports.values()}
    found: list[int] = []
    while len(found) < count:
        found.append(ready.free_port(spoken_for | set(found)))
    return found


def _install(host: Host) -> None:
    hosts.execute(host, "tar", "-xC", "/", stdin=_files())
    words = [f"{name}={value}" for name, value in _downloads().items()]
    hosts.execute(host, "env", *words, "sh", "-c", INSTALL)


def _start(host: Host, ports: list[int]) -> Aws:
    aws = Aws(host, ports[0])
    variables = {
        **aws.environment,
        **_downloads(),
        "BEANSTALK_PORT": str(ports[0]),
        "BEANSTALK_PORTS": " ".join(map(str, ports[1:])),
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
        "PYTHONUNBUFFERED": "1",
    }
    settings = [f"--setenv={name}={value}" for name, value in variables.items()]
    command = ("/opt/aws/bin/python", "-m", "engine")
    hosts.execute(host, "systemd-run", "--quiet", "--unit=aws", "--working-directory=/opt", *settings, *command)
    try:
        ready.until(lambda: _answers(aws.endpoint_url), f"the stand-in for AWS on {aws.endpoint_url}")
    except hosts.HostsError as late:
        raise hosts.HostsError(f"{late}\n{aws.log()}") from None
    return aws


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/moto-api/data.json", timeout=5):
            return True
    except OSError:
        return False


def _downloads() -> dict[str, str]:
    found = machine.inventory_variables().get("base_download_environment", {})
    assert isinstance(found, dict)
    return {"UV_SYSTEM_CERTS": "1", **found}


def _files() -> bytes:
    """The engine, its pins, the installer of packages, and the authorities of this machine."""
    uv = shutil.which("uv")
    assert uv, "there is no uv: make the tests' virtual environment with tools/venv test"
    stream = BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as packed:
        packed.add(HERE / "engine", "opt/engine", filter=lambda row: None if "__pycache__" in row.name else row)
        packed.add(ROOT / "requirements" / "platforms.txt", "opt/platforms.txt")
        packed.add(uv, "usr/local/bin/uv")
        for path in machine.certificates():
            packed.add(path, path.lstrip("/"))
    return stream.getvalue()


def eb(folder: Path, aws: Aws, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The platform's own command line tool, in a project's folder. It asks nothing and has its settings there alone."""
    return subprocess.run(
        [str(tool()), *arguments],
        cwd=folder,
        env={**aws.environment, "HOME": str(folder), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def tool() -> Path:
    """Installed once, into build/eb."""
    made, pins = ROOT / "build" / "eb", ROOT / "requirements" / "eb.txt"
    if not (made / "made.txt").exists() or (made / "made.txt").read_text() != pins.read_text():
        subprocess.run([str(ROOT / "tools" / "eb")], check=True)
    return made / "bin" / "eb"
