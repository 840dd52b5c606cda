# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stack answers at most, beside its bare server and beside the original recipe's configuration, on one host.

Each is asked for the blog's first page and for a file, over connections that are kept; one after the other, in several
rounds, so that a slow moment of the machine meets all of them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import hosts
from tests.hosts import Host, HostSet
from tests.ship import inside, measured
from tests.ship.commits import QUICK
from tests.ship.ground import Ground
from tests.ship.harm import until
from tests.ship.load import Figures, read
from tests.ship.probe import ask
from tests.ship.project import ROOT, Project

from .contenders import HERE

OUTPUT = ROOT / "build" / "bench" / "stacks.json"
BARE, RECIPE, FILES = 8081, 8082, 8083
STACKS = ("nginx_uwsgi", "apache_uwsgi", "gevent", "tornado")
PAGE, FILE = "/", "/static/style.css"
CONNECTIONS, SECONDS, ROUNDS = 16, 4, 8
EXEC = "/usr/bin/python3 -I /usr/local/lib/slipway/launch.py blog exec $(basename $(readlink /srv/blog/current))"
UWSGI = (
    "/srv/blog/current/release/venv/bin/uwsgi --master --lazy-apps --processes 4 --threads 2 --disable-logging"
    " --wsgi-file /srv/blog/current/release/slipway_wsgi.py"
)
RIVALS = "/usr/local/lib/rivals"


@dataclass(frozen=True)
class Rival:
    """Who is asked: where, and for what."""

    name: str
    port: int
    path: str


def rivals() -> list[Rival]:
    pages = [Rival(name, port, PAGE) for name, port in (("ours", 80), ("bare", BARE), ("recipe", RECIPE))]
    return [*pages, Rival("our files", 80, FILE), Rival("nginx's files", FILES, FILE)]


def start(host: Host, name: str, command: str) -> None:
    """A process of the app's user, in the environment of the live release."""
    inside.sh(host, f"systemd-run --quiet --unit bench-{name} --uid app-blog sh -c '{EXEC} {command}'")


def behind(host: Host, front: str, folder: str, reload: str) -> None:
    """The recipe's uWSGI, and its site in the front server that is there."""
    start(host, "bare", f"{UWSGI} --http-socket 0.0.0.0:{BARE}")
    start(host, "recipe", f"{UWSGI} --socket 127.0.0.1:8000")
    inside.sh(host, f"cp {RIVALS}/{front}.conf {folder}/rival.conf; {reload}")


def by_itself(host: Host, library: str) -> None:
    python = "/srv/blog/current/release/venv/bin/python"
    for kind, port in (("bare", BARE), ("recipe", RECIPE)):
        start(host, kind, f"{python} {RIVALS}/served.py {library} {kind} {port}")


def make_ready(host: Host, stack: str) -> None:
    inside.sh(host, f"mkdir -p {RIVALS}")
    for path in (HERE / "rivals").iterdir():
        hosts.execute(host, "sh", "-c", f"cat >{RIVALS}/{path.name}", stdin=path.read_bytes())
    if stack != "nginx_uwsgi":
        # nginx for files alone; its default site wants port 80
        inside.sh(
            host, "mkdir -p /etc/nginx/sites-available; apt-get -qq install -y --no-install-recommends nginx-light"
        )
        inside.sh(host, "rm -f /etc/nginx/sites-enabled/default")
    inside.sh(host, f"cp {RIVALS}/plain.conf /etc/nginx/conf.d/")
    if stack == "nginx_uwsgi":
        behind(host, "nginx", "/etc/nginx/conf.d", "true")
    elif stack == "apache_uwsgi":
        behind(host, "apache", "/etc/apache2/sites-enabled", "systemctl reload apache2")
    else:
        by_itself(host, stack)
    inside.sh(host, "systemctl restart nginx")
    for rival in rivals():
        until(lambda rival=rival: answers(host, rival), f"{rival.name} to answer")


def answers(host: Host, rival: Rival) -> bool:
    try:
        return bool(ask(f"http://127.0.0.1:{host.ports[rival.port]}{rival.path}"))
    except OSError:
        return False


def asked(host: Host, rival: Rival) -> Figures:
    program = shutil.which("hey")
    assert program, "hey is not installed here. Type: tools/hey"
    url = f"http://127.0.0.1:{host.ports[rival.port]}{rival.path}"
    # compressing is work of its own, which nginx as it comes does for pages alone
    argv = [program, "-z", f"{SECONDS}s", "-c", str(CONNECTIONS), "-t", "10", "-disable-compression", url]
    found = read(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)
    assert not found.failed, f"{rival.name} failed {found.failed} of {found.requests}"
    return found


def measure(host: Host) -> dict[str, dict[str, float]]:
    """Requests a second and the 99th percentile in seconds, the median of all rounds."""
    seen: dict[str, list[Figures]] = {rival.name: [] for rival in rivals()}
    # whoever comes after the files finds a machine that ten thousand requests a second have heated: pages among pages
    for path in (PAGE, FILE):
        turns = [rival for rival in rivals() if rival.path == path]
        for number in range(ROUNDS + 1):
            for rival in turns[number % len(turns) :] + turns[: number % len(turns)]:
                found = asked(host, rival)
                if number:  # the first round warms up
                    seen[rival.name].append(found)
    return {
        name: {
            "per_second": round(statistics.median(one.per_second for one in found), 1),
            "p99": round(statistics.median(one.p99 for one in found), 4),
        }
        for name, found in seen.items()
    }


def of_stack(stack: str, folder: Path, project: Project) -> dict[str, dict[str, float]]:
    wanted = HostSet(f"bench-{stack}", groups={stack: ()}, extra_ports=(BARE, RECIPE, FILES))
    hosts.down(wanted.name)
    try:
        here = Ground(folder / stack, wanted, project, QUICK)
        here.play("site").good()
        make_ready(here.host, stack)
        return measure(here.host)
    finally:
        hosts.down(wanted.name)


def table(found: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Sequence[str]:
    lines = [f"{'':14}" + "".join(f"{rival.name:>22}" for rival in rivals())]
    for stack, row in found.items():
        cells = [f"{one['per_second']:.0f}/s {one['p99'] * 1000:.0f} ms" for one in row.values()]
        lines.append(f"{stack:14}" + "".join(f"{cell:>22}" for cell in cells))
    return lines


def main() -> None:
    argparse.ArgumentParser(prog="make bench", description=__doc__).parse_args()
    folder = Path(tempfile.mkdtemp(prefix="slipway-bench-"))
    folder.chmod(0o711)
    try:
        project = Project(folder / "project")
        found = {stack: of_stack(stack, folder, project) for stack in STACKS}
    finally:
        shutil.rmtree(folder)
    result = {"connections": CONNECTIONS, "seconds": SECONDS, "rounds": ROUNDS, "stacks": found}
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(result, indent=1) + "\n")
    measured.keep("stacks", result)
    print(*table(found), "", f"{OUTPUT.relative_to(ROOT)} has the figures.", sep="\n")


if __name__ == "__main__":
    main()
