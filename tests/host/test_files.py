# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may read and change what: code is root's, secrets are nobody's."""

from __future__ import annotations

import shlex

from testinfra.host import Host

from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout

SECRET = "only-for-hosts-that-live-for-minutes"


def as_user(host: Host, user: str, command: str) -> str:
    return str(host.run(f"runuser -u {user} -- sh -c {shlex.quote(command)}").stdout).strip()


def test_code_is_read_only_to_the_application(host: Host, app: Layout) -> None:
    fixed = f"{app.releases} {app.venvs} {app.activations}"
    assert as_user(host, "app-blog", f"find -L {fixed} -writable -not -type l -not -path '{app.shared}/*'") == ""


def test_current_is_an_activation(host: Host, app: Layout) -> None:
    assert host.file(str(app.current)).is_symlink
    assert host.check_output(f"readlink -f {app.current}").startswith(f"{app.activations}/")


def test_secrets_are_for_nobody_else(host: Host, app: Layout) -> None:
    places = f"/etc {app.root} {app.state} {app.run} {app.log} /var/log /run"
    assert host.check_output(f"grep -rlsF {SECRET} {app.root} {app.config} {app.state}")  # they are somewhere
    assert as_user(host, "nobody", f"grep -rlsF {SECRET} {places}") == ""


def test_secrets_are_in_no_argument_list(host: Host) -> None:
    assert SECRET not in host.check_output("ps -eo args --no-headers")


def test_nothing_is_left_half_made(host: Host, app: Layout) -> None:
    assert host.run(f"find {app.incoming} -mindepth 1").stdout == ""  # the folder itself may be gone
