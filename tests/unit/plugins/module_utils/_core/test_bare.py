# SPDX-License-Identifier: GPL-3.0-or-later
"""What the shell of a host without Python tells, and when everything may be brought along with Python."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.bare import facts, is_untouched
from ansible_collections.slipway.flask.plugins.module_utils._core.preflight import Wish

SCRIPT = Path(__file__).parents[5] / "roles/base/files/bare-facts.sh"
WISH = Wish("blog", "/srv/blog", "app-blog")
BARE: dict[str, Any] = {"bare": True, "ports": [22, 25, 5355], "packages": ["dpkg", "openssh-server"]}
SAID = """\
Welcome to web1: it is managed
os-release: PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
os-release: ID=debian
os-release: VERSION_ID="12"
meminfo: MemTotal:        2048000 kB
meminfo: MemAvailable:    1024000 kB
tcp:   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
tcp:    0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21 1 0 100 0 0 10 0
tcp:    1: 0100007F:1F90 0100007F:D2B4 01 00000000:00000000 00:00000000 00000000     0        0 22 1 0 100 0 0 10 0
tcp6:   sl  local_address                         remote_address                        st tx_queue rx_queue ...
tcp6:    0: {0}:0050 {0}:0000 0A 00000000:00000000 00:00000000 00000000     0        0 23 1 0 100 0 0 10 0
free:  Avail File
free: 2097152 /srv
free: 4194304 /var
package: installed dpkg
package: config-files nginx-light
cores: 4
""".replace("{0}", "0" * 32)


def test_what_a_shell_tells() -> None:
    system = {"bare": True, "distribution": "debian", "release": "12", "python": "3.11"}
    size = {"cores": 4, "memory_mb": 2000, "memory_available_mb": 1000, "disk_free_mb": {"/srv": 2048, "/var": 4096}}
    expected = {**system, **size, "ports": [22, 80], "packages": ["dpkg"]}
    # a terminal between them ends its lines in its own way
    assert facts(SAID) == facts(SAID.replace("\n", "\r\n")) == expected


def test_the_script_says_what_is_read_here() -> None:
    said = subprocess.run(["sh", str(SCRIPT)], capture_output=True, text=True, check=True).stdout
    found = facts(said)
    assert found["memory_mb"] and found["cores"] and found["disk_free_mb"].keys() == {"/srv", "/var"}
    assert "dpkg" in found["packages"] and found["distribution"]


def test_a_host_where_nobody_is_yet_may_be_given_everything() -> None:
    assert is_untouched(WISH, BARE) and is_untouched(replace(WISH, front="", server_port=8080), BARE)
    assert not is_untouched(WISH, {**BARE, "bare": False})
    assert not is_untouched(WISH, {"bare": True})  # nothing is known of it


@pytest.mark.parametrize(
    ("wish", "there"),
    [
        (WISH, {"ports": [22, 80]}),
        (WISH, {"ports": [443]}),
        (WISH, {"ports": [5432]}),
        (replace(WISH, front="", server_port=8080), {"ports": [8080]}),
        (replace(WISH, app_port=8100), {"ports": [8109]}),
        (WISH, {"packages": ["dpkg", "nginx"]}),
        (WISH, {"packages": ["dpkg", "apache2-bin"]}),
        (WISH, {"packages": ["dpkg", "supervisor"]}),
    ],
)
def test_a_host_where_somebody_may_be_in_the_way_is_looked_at_first(wish: Wish, there: dict[str, Any]) -> None:
    assert not is_untouched(wish, {**BARE, **there})
