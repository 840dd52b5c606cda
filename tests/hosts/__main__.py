# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.hosts up|down|list"""

from __future__ import annotations

import argparse
import sys

from . import fleet, images
from .model import HostsError, HostSet


def group(text: str) -> tuple[str, tuple[int, ...]]:
    """`name`, or `name=1,3` for some of the hosts."""
    name, _, numbers = text.partition("=")
    return name, tuple(int(number) for number in numbers.split(",") if number)


def port_pair(text: str) -> tuple[int, int]:
    """`80:8080`: the host's port, the machine's."""
    inside, _, outside = text.partition(":")
    return int(inside), int(outside)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="tests.hosts", description=__doc__)
    verbs = top.add_subparsers(dest="verb", required=True)
    up = verbs.add_parser("up", help="start a set of hosts and write its inventory")
    up.add_argument("name")
    up.add_argument("--count", type=int, default=1)
    up.add_argument("--debian", type=int, default=12)
    up.add_argument("--login", choices=("root", "sudo"), default="root")
    up.add_argument("--group", type=group, action="append", metavar="NAME[=1,2]")
    up.add_argument("--publish", type=port_pair, action="append", metavar="HOST:MACHINE")
    up.add_argument("--extra-port", type=int, action="append", default=[])
    down = verbs.add_parser("down", help="remove a set, or --all of this checkout")
    down.add_argument("name", nargs="?")
    down.add_argument("--all", action="store_true")
    verbs.add_parser("list", help="show all hosts")
    verbs.add_parser("image", help="build the image of a release").add_argument("debian", type=int)
    return top


def show() -> None:
    for host in fleet.find():
        ports = ", ".join(f"{inside} at 127.0.0.1:{outside}" for inside, outside in host.ports.items())
        print(f"{host.name}: Debian {host.debian}, login {host.user}, {ports}")


def main(arguments: list[str]) -> None:
    given = parser().parse_args(arguments)
    match given.verb:
        case "up":
            groups = dict(given.group or [("nginx_uwsgi", ())])
            publish, extra = dict(given.publish or []), tuple(given.extra_port)
            fleet.up(HostSet(given.name, given.count, given.debian, given.login, groups, publish, extra))
            show()
            print(f"Inventory: {fleet.folder(given.name)}")
        case "down":
            if bool(given.name) == given.all:
                raise HostsError("Name one set, or say --all.")
            gone = [name for one in ([given.name] if given.name else fleet.own_sets()) for name in fleet.down(one)]
            print("Removed:", ", ".join(gone) or "nothing was there")
        case "list":
            show()
        case "image":
            print(images.ensure(given.debian))


try:
    main(sys.argv[1:])
except HostsError as error:
    sys.exit(str(error))
