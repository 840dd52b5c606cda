# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody does on an ordinary day: run a command, read the logs, close the site for a while."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from . import inside
from .ground import Ground
from .harm import until
from .load import ACCESS_LOG
from .probe import Probe, ask

RECORD = "/var/lib/slipway/blog/runs.jsonl"
GO = "/run/go"
# what is seen in a file is seen as it comes only when Ansible does not hold it back
AT_ONCE = {"PYTHONUNBUFFERED": "1"}
PASSWORD = "a password for sudo"
OPERATOR = f"""
id olga >/dev/null 2>&1 || useradd --create-home --shell /bin/bash olga
echo 'olga:{PASSWORD}' | chpasswd
install -d -m 0700 -o olga ~olga/.ssh
install -m 0600 -o olga ~root/.ssh/authorized_keys ~olga/.ssh/authorized_keys
echo 'olga ALL=(ALL) ALL' >/etc/sudoers.d/olga
"""
FROM_INSIDE = """python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1/version").read())'"""


def records(here: Ground) -> list[dict[str, Any]]:
    return [json.loads(line) for line in inside.sh(here.host, f"cat {RECORD}").splitlines()]


def command(text: str) -> tuple[str, str]:
    """As a person types it; the shell takes the quotes away."""
    return "-e", f"command={text}"


def alive(here: Ground, pattern: str) -> bool:
    return bool(inside.sh(here.host, f"pgrep -u app-blog -f {shlex.quote(pattern)} || true"))


def test_run_shows_the_output_before_the_end_and_keeps_the_status(here: Ground) -> None:
    inside.sh(here.host, f"rm -f {GO}")
    script = (
        f"id -un; pwd; command -v python; test \"$SECRET_KEY\" = '{here.secret}' && echo 'the secret is there';"
        f" until [ -e {GO} ]; do sleep 0.05; done; echo last words >&2; exit 7"
    )
    playing = here.start("run", *command(script), environment=AT_ONCE)
    until(lambda: "the secret is there" in playing.output, "the output of a command that runs")
    assert playing.running
    inside.sh(here.host, f"touch {GO}")
    run = playing.wait()
    release = inside.sh(here.host, "readlink -f /srv/blog/current/release")
    assert run.rc == 2
    for line in ("app-blog", f"{release}/source", f"{release}/venv/bin/python", "last words"):
        assert f"\n{line}\n" in run.output, line
    assert "exit status 7" in run.output
    assert run.remote_steps == 1
    row = records(here)[-1]
    assert row["status"] == 7
    assert row["release"] == Path(release).name
    assert "@" in row["by"] and row["at"].startswith("20") and row["seconds"] > 0
    assert row["command"].startswith("id -un; pwd;") and "'$SECRET_KEY'" in row["command"]
    assert here.secret not in inside.sh(here.host, f"cat {RECORD}; journalctl --no-pager")
    assert inside.sh(here.host, f"stat -c '%a %U' {RECORD}") == "600 root"


def test_interrupt_ends_the_command_on_the_host(here: Ground) -> None:
    playing = here.start("run", *command("echo begun; sleep 611; echo never"), environment=AT_ONCE)
    until(lambda: "begun" in playing.output, "the command to begin")
    assert alive(here, "sleep 611")
    playing.kill(signal.SIGINT)
    until(lambda: not alive(here, "sleep 611"), "the command to end", 20)
    until(lambda: records(here)[-1]["status"] == 130, "the record", 20)
    assert "never" not in playing.output


def test_run_with_a_password_for_sudo(here: Ground) -> None:
    inside.sh(here.host, OPERATOR)
    login = {"ansible_user": "olga", "ansible_become_password": PASSWORD}
    run = here.play("run", *command("echo I am $(id -un)"), extra=login).good()
    assert "\nI am app-blog\n" in run.output
    assert PASSWORD not in run.output
    assert "I am" not in inside.sh(here.host, "journalctl --no-pager | grep COMMAND= || true")
    wrong = login | {"ansible_become_password": "not it"}
    here.play("run", *command("true"), extra=wrong).bad("Incorrect sudo password")


@pytest.mark.parametrize(
    ("app", "said"),
    [
        ("stranger", "This host is not set up for stranger. Type: ansible-playbook slipway.flask.site -i INVENTORY"),
        ("bare", "bare has no release on this host yet. Type: ansible-playbook slipway.flask.deploy -i INVENTORY"),
    ],
)
def test_run_on_a_host_without_a_release(here: Ground, app: str, said: str) -> None:
    # what setup leaves of an app that was never shipped, as far as a command can see it
    inside.sh(here.host, "mkdir -p /etc/slipway/bare; sed s/blog/bare/g /etc/slipway/blog/app.json >/run/bare.json")
    inside.sh(here.host, "mv /run/bare.json /etc/slipway/bare/app.json")
    here.play("run", *command("true"), extra={"app_name": app}).bad("The command did not run.", said)
    inside.sh(here.host, "rm -r /etc/slipway/bare; test ! -e /var/lib/slipway/bare")


def test_run_says_what_is_missing_and_what_it_would_do(here: Ground) -> None:
    here.play("run").bad('Say what to run: -e command="python manage.py ..."')
    before = records(here)
    assert here.play("run", *command("true"), "--check").good().changed == 1
    assert records(here) == before


def at_terminal(argv: list[str], typed: str, environment: dict[str, str]) -> tuple[int, str]:
    """What a program shows at a terminal where somebody types this once it asks."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        argv, stdin=theirs, stdout=theirs, stderr=theirs, env=os.environ | environment, start_new_session=True
    )
    os.close(theirs)
    shown = ""
    while True:
        try:
            shown += os.read(ours, 4096).decode(errors="replace")
        except OSError:  # the last one has left the terminal
            break
        if typed and ">>> " in shown:
            os.write(ours, typed.encode())
            typed = ""
    os.close(ours)
    return process.wait(60), shown


def test_console_at_a_terminal(here: Ground) -> None:
    console = ["-e", "command=python -q", "-e", "run_terminal=true"]
    said = here.play("run", *console).bad("This run has no terminal to give away. At one, type the line above")
    by_hand = next(line for line in said.output.splitlines() if line.startswith("ssh -t "))
    typing = "import os; print(6 * 7, os.environ['SLIPWAY_APP']); raise SystemExit(3)\n"
    playbook, environment = here.command("run", *console)
    for argv in (playbook, shlex.split(by_hand)):
        status, shown = at_terminal(argv, typing, environment)
        assert "42 blog" in shown
        assert status in (2, 3)
        assert records(here)[-1]["command"] == "python -q"
        assert records(here)[-1]["status"] == 3


def visit(here: Ground, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        ask(here.url + path)


def next_second() -> None:
    """nginx writes whole seconds: what comes in another one comes later."""
    now = int(time.time())
    until(lambda: int(time.time()) > now, "the next second")


@pytest.fixture
def two_names(here: Ground, tmp_path: Path) -> list[str]:
    """An inventory in which the host is there a second time, as another one."""
    other = {"ansible_host": "127.0.0.1", "ansible_port": here.host.ssh_port}
    groups = {"nginx_uwsgi": {"hosts": {"twin": other}}, "web": {"children": {"nginx_uwsgi": {}}}}
    path = tmp_path / "twin.yml"
    path.write_text(json.dumps(groups))
    return ["-i", str(path)]


def test_logs_are_one_in_the_order_of_time(here: Ground, two_names: list[str]) -> None:
    visit(here, "/visited-first")
    before = inside.slots(here.host).keys()
    victim = next(iter(before))
    next_second()
    inside.sh(here.host, f"kill -9 {victim}")
    until(lambda: inside.slots(here.host).keys() - before, "the slot to be back")
    next_second()
    visit(here, "/visited-second")
    run = here.play("logs", *two_names, extra={"logs_since": "1h", "logs_lines": 100_000}).good()
    assert run.changed == 0
    rows = [line.split(maxsplit=2) for line in run.output.splitlines() if re.match(r"(\S+-1|twin)  ", line)]
    rows = [row for row in rows if len(row) == 3]
    said = ("/visited-first", "supervisord exited:", "supervisord spawned:", "/visited-second")
    for host in (here.host.name, "twin"):
        text = [f"{source} {line}" for name, source, line in rows if name == host]
        found = [max(n for n, line in enumerate(text) if re.search(part.replace(" ", ".* "), line)) for part in said]
        assert found == sorted(found), text


@pytest.fixture
def old_log(here: Ground) -> Iterator[None]:
    """The log of a program that has been silent for years."""
    path = "/var/log/slipway/blog/old.log"
    inside.sh(here.host, f"echo '2020-01-01 00:00:00 GET /years-ago' >{path}")
    yield
    inside.sh(here.host, f"rm {path}")


@pytest.mark.usefixtures("old_log")
def test_logs_are_chosen(here: Ground) -> None:
    visit(here, "/just-now")
    # nginx writes it down when the answer is out, and another of its processes may be faster with the next one
    until(lambda: bool(inside.sh(here.host, f"grep '/just-now ' {ACCESS_LOG}")), "the line of the first request")
    visit(here, "/just-now-too")
    wish = {"logs_grep": "GET /(just|years)"}
    every = here.play("logs", extra=wish).good().output
    assert "/years-ago" in every and "/just-now " in every and "supervisord" not in every
    late = here.play("logs", extra=wish | {"logs_since": "1h"}).good().output
    assert "/years-ago" not in late and "/just-now " in late and "/just-now-too" in late
    last = here.play("logs", extra=wish | {"logs_lines": 1}).good().output
    assert "/just-now-too" in last and "/just-now " not in last
    assert "Older lines are left out" in last and "Older lines are left out" not in late
    here.play("logs", extra={"logs_since": "lately"}).bad("logs_since is lately: write how long, such as 90s")
    here.play("logs", extra={"logs_grep": "(["}).bad("logs_grep is ([, which is no regular expression")


def test_logs_are_followed_until_ctrl_c_or_for_a_while(here: Ground) -> None:
    wish = {"logs_grep": "GET /follow", "logs_lines": 1}
    playing = here.start("logs", extra=wish | {"logs_follow": True}, environment=AT_ONCE)
    until(lambda: "TASK [Follow the logs]" in playing.output, "following")
    visit(here, "/follow-me")
    until(lambda: "GET /follow-me " in playing.output, "the line", 15)
    assert playing.running
    playing.kill(signal.SIGINT)
    assert playing.output.count("GET /follow-me ") == 1
    begun = time.monotonic()
    assert here.play("logs", extra=wish | {"logs_follow": "2s"}).good().changed == 0
    assert time.monotonic() - begun < 60
    until(lambda: not inside.sh(here.host, "pgrep -f [l]og_lines || true"), "the last step to end", 15)


@dataclass(frozen=True)
class Refusal:
    status: int
    again: str
    page: str


def closed(here: Ground, path: str = "/", data: bytes | None = None) -> Refusal:
    """What a visitor gets of a closed site."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(here.url + path, data, timeout=10)
    with caught.value as answer:
        return Refusal(answer.code, answer.headers["Retry-After"], answer.read().decode())


def workers(here: Ground) -> str:
    """nginx replaces them when it reads its configuration again."""
    return inside.sh(here.host, "pgrep -P $(cat /run/nginx.pid)")


def my_address(here: Ground) -> str:
    """As nginx sees it."""
    visit(here, "/who-am-i")
    return inside.sh(here.host, "grep who-am-i /var/log/nginx/blog.access.log | tail -1").split()[0]


@pytest.fixture
def opened(here: Ground) -> Iterator[Ground]:
    yield here
    inside.sh(
        here.host,
        "rm -f /etc/slipway/blog/maintenance.html; >/etc/nginx/snippets/slipway-blog-exempt.conf; nginx -s reload",
    )


def maintain(here: Ground, state: str, **extra: Any) -> Any:
    return here.play("maintenance", "-e", f"maintenance={state}", extra=extra).good()


def test_maintenance_for_visitors_while_deploys_go_on(opened: Ground) -> None:
    here, before = opened, workers(opened)
    page = here.folder / "closed.html"
    page.write_text("<h1>Closed for {{ inventory }}</h1>\n")
    first = maintain(here, "on", site_maintenance_page=str(page))
    assert first.changed == 1 and first.remote_steps <= 2
    assert maintain(here, "on", site_maintenance_page=str(page)).changed == 0
    assert workers(here) == before
    for answer in (closed(here), closed(here, "/healthz"), closed(here, "/static/gone.css"), closed(here, "/", b"x=1")):
        assert answer == Refusal(503, "300", page.read_text())
    assert "<html" not in here.answer("/static/style.css")
    here.project.new_page("Shipped while the site is closed")
    here.play("deploy").good()
    assert here.project.head in inside.sh(here.host, FROM_INSIDE)
    assert closed(here).status == 503
    assert "in maintenance: visitors get a page with status 503" in here.play("status").good().output
    assert maintain(here, "off").changed == 1
    assert maintain(here, "off").changed == 0
    assert here.live() == here.project.head


def test_maintenance_with_somebody_exempt_fails_no_request_of_theirs(opened: Ground) -> None:
    address = my_address(opened)
    with Probe(opened.url) as probe:
        maintain(opened, "on", site_maintenance_exempt=[address])
        assert opened.live()
        maintain(opened, "off", site_maintenance_exempt=[address])
    probe.unbroken()
    maintain(opened, "on")
    assert "Back soon" in closed(opened).page


def test_maintenance_says_what_is_wrong(opened: Ground) -> None:
    opened.play("maintenance").bad("Type -e maintenance=on or -e maintenance=off.")
    opened.play("maintenance", "-e", "maintenance=of").bad("maintenance", "of")
    slip = {"maintenance": "on", "site_maintenance_exempt": ["10.0.0.1/8"]}
    opened.play("maintenance", extra=slip).bad('site_maintenance_exempt, entry 1, is "10.0.0.1/8": write an address')
    opened.play("maintenance", extra={"maintenance": "on", "app_name": "stranger"}).bad("not set up for stranger")
    assert opened.live()
