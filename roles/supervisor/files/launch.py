#!/usr/bin/python3 -I
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start a part of an app in its release and its environment.

    launch.py APP slot PROGRAM SLOT      what supervisord runs: becomes the server of one slot
    launch.py APP exec ACTIVATION ARGV   one command: migrations, builds, one-off work

supervisord's definition of a program never changes between releases: this file reads everything else
at start, so one rename of `current` decides what the next start runs. Runs as the app's user, and the
environment goes from a file only that user's group can read to the process: never through arguments.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys

TRIAL = "trial"
HOLDER = "0"
IDLE = ["sleep", "infinity"]


def main(argv: list[str]) -> None:
    app = load(f"/etc/slipway/{argv[1]}/app.json")
    if argv[2] == "slot":
        slot(app, program=argv[3], number=argv[4])
    else:
        activation = f"{app['root']}/activations/{argv[3]}"
        terminal = {"TERM": os.environ["TERM"]} if "TERM" in os.environ else {}
        become(argv[4:], activation, terminal | environment(app, activation))


def slot(app: dict, program: str, number: str) -> None:
    """The server of a slot. Slot 0 only holds the socket open, as does a slot before the first release; slot 0 also
    stands in for the others while a deploy restarts them."""
    waits = f"/run/slipway/{app['name']}/stand-in"
    activation = standing_in(app, waits) if number == HOLDER else linked(app, number)
    if not activation:
        os.execv("/usr/bin/sleep", IDLE)
    definition = load(f"/etc/slipway/{app['name']}/programs/{program}.json")
    variables = environment(app, activation)
    variables["SLIPWAY_SLOT"] = number
    variables["SLIPWAY_SLOT_SOCKET"] = f"/run/slipway/{app['name']}/slots/{program}-{number}.sock"
    variables["SLIPWAY_GENERATION"] = f"{os.path.basename(activation)}/{definition['digest']}"
    # the trial is the one start alone of an application that makes its tables when it is imported
    variables["SLIPWAY_PROCESSES"] = str(1 if number == TRIAL else definition["processes"])
    if number == HOLDER:
        variables["SLIPWAY_STAND_IN"], variables["SLIPWAY_STANDS_FOR"] = waits, variables["SLIPWAY_SHIM"]
        variables["SLIPWAY_SHIM"] = f"{os.path.dirname(os.path.realpath(__file__))}/stand_in.py"
    if definition["port"]:
        variables["PORT"] = str(definition["port"] + (0 if number == TRIAL else int(number)))
    become(command(definition, activation), activation, variables)


def linked(app: dict, number: str) -> str:
    """The activation that a slot, or the trial, is to run; nothing before there is one."""
    link = f"{app['root']}/{'candidate' if number == TRIAL else 'current'}"
    return os.path.realpath(link) if os.path.islink(link) else ""


def standing_in(app: dict, file: str) -> str:
    """The activation that slot 0 is to load: a deploy says so in a file, for as long as it keeps that locked."""
    try:
        with open(file, encoding="utf-8") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                # the application itself may keep it locked, whatever it says
                name = stream.read()
                activation = f"{app['root']}/activations/{name}"
                return activation if name and os.path.isdir(activation) else ""
    except FileNotFoundError:
        pass
    return ""


def command(definition: dict, activation: str) -> list[str]:
    """A server's own command, or what the activation says (app_programs); nothing where it has no such program."""
    if definition["argv"]:
        release = os.path.realpath(f"{activation}/release")
        return [part.replace("{release}", release) for part in definition["argv"]]
    programs = load(f"{activation}/activation.json").get("programs", {})
    return ["sh", "-c", programs[definition["name"]]] if definition["name"] in programs else IDLE


def environment(app: dict, activation: str) -> dict[str, str]:
    """What a process of the app sees, and nothing of what root's environment holds."""
    release = os.path.realpath(f"{activation}/release")
    source, project = f"{release}/source", f"{release}/project"
    installed = os.path.isdir(project)
    facts = load(f"{release}/release.json")
    variables = {
        "PATH": f"{project}/bin:" * installed + f"{release}/venv/bin:/usr/local/bin:/usr/bin:/bin",
        # an installed project is imported from the release too, where builds and shared paths left their marks
        "PYTHONPATH": source + f":{source}/src:{project}" * installed,
        "HOME": f"{app['root']}/home",
        "USER": app["user"],
        "LOGNAME": app["user"],
        "LANG": "C.UTF-8",
        "VIRTUAL_ENV": f"{release}/venv",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        # a committed .env or .flaskenv must not switch production into debug mode
        "FLASK_DEBUG": "0",
        "SLIPWAY_APP": app["name"],
        "SLIPWAY_RELEASE": facts["release"],
        "SLIPWAY_COMMIT": facts["commit"],
        "SLIPWAY_SOURCE": source,
        "SLIPWAY_SHIM": f"{release}/slipway_wsgi.py",
    }
    own = load(f"{activation}/environment.json")
    # the folder of a release is known only now
    variables.update({name: value.replace("${SLIPWAY_SOURCE}", source) for name, value in own.items()})
    return variables


def become(argv: list[str], activation: str, variables: dict[str, str]) -> None:
    os.chdir(f"{activation}/release/source")
    os.chdir(os.path.realpath(os.curdir))
    os.umask(0o027)
    os.execvpe(argv[0], argv, variables)


def load(path: str) -> dict:
    with open(path, encoding="utf-8") as stream:
        return json.load(stream)


if __name__ == "__main__":
    main(sys.argv)
