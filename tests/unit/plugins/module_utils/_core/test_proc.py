# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core import proc
from ansible_collections.slipway.flask.plugins.module_utils._core.proc import Listener

TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 103139 1 00000000908e186b 100 0 0 10 0
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 104622 1 00000000c1795767 100 0 0 10 0
   2: 030011AC:85A6 507100CB:0050 06 00000000:00000000 03:00000124 00000000     0        0 0 3 00000000c52bd485
garbage
"""  # noqa: E501
TCP6 = """\
  sl  local_address                         remote_address                        st
   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 7 1
"""


def test_only_listening_sockets():
    assert list(proc.listeners(TCP)) == [Listener("127.0.0.1", 22, 103139), Listener("0.0.0.0", 80, 104622)]
    assert list(proc.listeners(TCP6)) == [Listener("::1", 80, 7)]
    assert list(proc.listeners("")) == []


def test_os_release():
    text = "# comment\nID=debian\nVERSION_ID=\"12\"\nNAME='Debian'\n\nbroken\n"
    assert proc.os_release(text) == {"ID": "debian", "VERSION_ID": "12", "NAME": "Debian"}


def test_memory():
    assert proc.meminfo_mb("MemTotal:    2048 kB\nHugePages_Total:  0\nMemAvailable: 1023 kB\n") == {
        "MemTotal": 2,
        "MemAvailable": 0,
    }


@pytest.mark.parametrize(
    ("cgroup", "unit"),
    [
        ("0::/system.slice/nginx.service\n", "nginx.service"),
        ("13:perf_event:/\n1:name=systemd:/system.slice/ssh.service/inner\n0::/\n", "ssh.service"),
        ("0::/init.scope", "init.scope"),
        ("0::/", ""),
        ("", ""),
    ],
)
def test_the_unit_of_a_process(cgroup, unit):
    assert proc.unit_of(cgroup) == unit


def test_the_digest_of_a_configuration_file():
    digest = "f1f26aef86f90a484f3a2f46ccc46ff6"
    status = (
        f"Package: nginx-common\nConffiles:\n /etc/a.b 00\n /etc/nginx/default {digest}\n /etc/old {digest} obsolete\n"
    )
    assert proc.conffile_digest(status, "/etc/nginx/default") == digest
    assert proc.conffile_digest(status, "/etc/nginx") == ""
    assert proc.conffile_digest(status, "/etc/old") == digest


@pytest.mark.parametrize(
    ("name", "version"), [("python3.11", "3.11"), ("python3", ""), ("python3.11-config", ""), ("perl5", "")]
)
def test_minor_versions(name, version):
    assert proc.minor_version(name) == version


def test_installed_packages():
    status = (
        "Package: nginx\nStatus: install ok installed\nPriority: optional\n\n"
        "Package: gone\nStatus: deinstall ok config-files\n\n"
        "Package: half\nEssential: yes\nStatus: install ok half-configured\nVersion: 1\n\n"
        "Package: base\nEssential: yes\nStatus: hold ok installed\nDescription: x\n Status: install ok installed\n"
    )
    assert proc.installed(status) == ["base", "nginx"]
    assert proc.installed("") == []


def test_addresses_are_those_that_others_reach():
    trie = """Local:
  +-- 0.0.0.0/0 3 0 5
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 172.17.0.2
        /32 host LOCAL
     |-- 172.17.255.255
        /32 link BROADCAST
"""
    six = "20010db8000000000000000000000005 02 40 00 80 eth0\nfe800000000000000042acfffe110002 02 40 20 80 eth0\n"
    assert proc.addresses(trie * 2, six) == ["172.17.0.2", "2001:db8::5"]
    assert proc.addresses("", "") == []
