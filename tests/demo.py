# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`: from nothing to the bundled blog on a throwaway host, and what that took."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests import hosts
from tests.hosts import Host, HostsError, HostSet

ROOT = Path(__file__).resolve().parents[1]
INVENTORY = ROOT / "inventories" / "demo"
BUILD = ROOT / "build" / "demo"
SECRETS = BUILD / "secrets.yml"
STEPS = BUILD / "steps.json"
PORT = 8080


def secret_file() -> Path:
    """The blog's secret key: made once, readable by its owner only, never an argument and never printed."""
    if not SECRETS.exists():
        SECRETS.parent.mkdir(parents=True, exist_ok=True)
        content = json.dumps({"app_secrets": {"SECRET_KEY": secrets.token_urlsafe(48)}})
        descriptor = os.open(SECRETS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(content + "\n")
    return SECRETS


def ship() -> dict[str, Any]:
    """Run the site playbook and give the account that the steps callback wrote."""
    STEPS.unlink(missing_ok=True)
    sources = ["-i", str(INVENTORY), "-i", str(hosts.folder("demo"))]
    argv = ["ansible-playbook", "slipway.flask.site", *sources, "--extra-vars", f"@{secret_file()}"]
    environment = os.environ | {"SLIPWAY_STEPS_FILE": str(STEPS)}
    if subprocess.run(argv, cwd=ROOT, env=environment, check=False).returncode:
        raise HostsError("The run failed; its last message says why. The host stays for a look until make demo-down.")
    account: dict[str, Any] = json.loads(STEPS.read_text())
    return account


def answer(host: Host, path: str) -> str:
    """The blog's answer from outside; anything but a success is an error."""
    with urllib.request.urlopen(host.url + path, timeout=10) as response:
        body: bytes = response.read()
    return body.decode()


def summary(host: Host, account: dict[str, Any], version: dict[str, Any], host_seconds: float) -> str:
    told = account["told"]
    plays = [f"  {play['seconds']:6.1f} s  {play['name']}" for play in account["plays"]]
    lines = [
        "",
        f"The blog is live: {host.url}",
        f"  release       {version.get('release')} (commit {str(version.get('commit'))[:12]})",
        f"  tests passed  {told.get('slipway_tests_passed', 'by an earlier run')}",
        f"  changed       {account['changed']}",
        f"  remote steps  {account['remote_steps']} of {len(account['modules'])} kinds",
        "  seconds",
        f"  {host_seconds:6.1f} s  host (image, boot, sshd)",
        *plays,
        f"  {host_seconds + account['seconds']:6.1f} s  in all",
    ]
    return "\n".join(lines)


def main() -> None:
    begun = time.monotonic()
    [host] = hosts.up(HostSet("demo", publish={80: PORT}))
    host_seconds = time.monotonic() - begun
    account = ship()
    answer(host, "/")
    answer(host, "/healthz")
    print(summary(host, account, json.loads(answer(host, "/version")), host_seconds))


if __name__ == "__main__":
    try:
        main()
    except (HostsError, OSError) as error:
        sys.exit(str(error))
