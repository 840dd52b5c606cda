# SPDX-License-Identifier: GPL-3.0-or-later
"""How the blog's processes run: supervised, not as root, behind closed sockets."""

from __future__ import annotations

from testinfra.host import Host

from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout

UNIT = "slipway-blog.service"
USER = "app-blog"


def descendants(host: Host) -> list[tuple[str, str]]:
    """User and command of every process below the app's supervisord."""
    found = []
    parents = {host.check_output(f"systemctl show --property MainPID --value {UNIT}")}
    rows = [line.split(maxsplit=3) for line in host.check_output("ps -eo pid,ppid,user,args --no-headers").splitlines()]
    for pid, parent, user, command in sorted(rows, key=lambda row: int(row[0])):
        if parent in parents:
            parents.add(pid)
            found.append((user, command))
    return found


def test_unit_runs_and_comes_back_after_a_reboot(host: Host) -> None:
    unit = host.service(UNIT)
    assert unit.is_running
    assert unit.is_enabled


def test_no_unit_failed(host: Host) -> None:
    assert host.check_output("systemctl list-units --state failed --plain --no-legend") == ""


def test_only_supervisord_is_root(host: Host) -> None:
    below = descendants(host)
    assert len(below) >= 3  # holder and two slots
    assert {user for user, _command in below} == {USER}


def test_account_cannot_be_logged_in_to(host: Host) -> None:
    account = host.user(USER)
    assert account.shell in ("/usr/sbin/nologin", "/bin/false")
    assert account.password in ("!", "*", "!*")
    assert not host.run(f"sudo --list --other-user={USER} --non-interactive").stdout.count("may run")


def test_sockets_are_closed_to_strangers(host: Host, app: Layout) -> None:
    modes = host.check_output(f"find {app.run} -type s -printf '%m %U %f\\n'").splitlines()
    assert modes
    assert not [line for line in modes if line.split()[0][-1] != "0"]


def test_slots_listen_only_on_unix_sockets(host: Host) -> None:
    """What else runs on the host may listen on the loopback, which is nobody's but its own."""
    addresses = [line.split()[3] for line in host.check_output("ss --no-header -tln").splitlines()]
    ports = {address.rpartition(":")[2] for address in addresses if not address.startswith(("127.", "[::1]"))}
    assert ports <= {"22", "80", "443"}
