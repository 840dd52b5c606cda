# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""supervisord's configuration. That supervisord takes it is seen on hosts."""

from __future__ import annotations

from configparser import RawConfigParser
from dataclasses import asdict
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.programs import Background
from tests.templates.render import evaluate, render

WSGI: dict[str, Any] = {
    "name": "web",
    "argv": ["uwsgi"],
    "slots": 2,
    "socket": "unix:///run/slipway/blog/web.sock",
    "socket_group": "www-data",
    "port": 0,
    "stop_seconds": 70,
    "ready_seconds": 60,
}
OWN = WSGI | {"argv": [], "socket": "", "socket_group": "", "port": 8100}


def config(program: dict[str, Any], *background: str) -> dict[str, Any]:
    rows = [asdict(Background(name)) for name in background]
    return {"name": "blog", "user": "app-blog", "programs": [program], "background": rows, "files": []}


def sections(program: dict[str, Any], *background: str) -> RawConfigParser:
    parser = RawConfigParser(strict=True)
    parser.read_string(render("supervisor", "supervisord.conf.j2", supervisor_config=config(program, *background)))
    return parser


def test_a_server_has_a_slot_more_that_holds_its_socket():
    found = sections(WSGI)
    assert found.sections()[-3:-1] == ["fcgi-program:web", "fcgi-program:trial-web"]
    assert (found["fcgi-program:web"]["numprocs"], found["fcgi-program:web"]["stopasgroup"]) == ("3", "false")
    assert found["fcgi-program:trial-web"]["autostart"] == "false"


def test_each_server_is_told_to_end_in_its_own_way():
    assert sections(WSGI)["fcgi-program:web"]["stopsignal"] == "TERM"
    assert sections(WSGI | {"stop_signal": "USR1"})["fcgi-program:web"]["stopsignal"] == "USR1"


def test_a_program_that_serves_by_itself_has_no_socket_to_hold():
    found = sections(OWN)
    assert found.sections()[-3:-1] == ["program:web", "program:trial-web"]
    web = found["program:web"]
    assert (web["numprocs"], web["numprocs_start"], web["stopasgroup"]) == ("2", "1", "true")
    assert "socket" not in web and "socket" not in found["program:trial-web"]


def beside(*background: str) -> RawConfigParser:
    """What may change while the servers go on."""
    parser = RawConfigParser(strict=True)
    parser.read_string(render("supervisor", "background.conf.j2", supervisor_config=config(WSGI, *background)))
    return parser


def test_what_runs_in_the_background_is_one_process_without_a_trial():
    assert sections(WSGI, "mail")["include"]["files"] == "/etc/slipway/blog/background.conf"
    assert "program:mail" not in sections(WSGI, "mail")
    found = beside("mail", "scheduler")
    assert found.sections() == ["program:mail", "program:scheduler"]
    mail = found["program:mail"]
    assert mail["command"].endswith("launch.py blog slot mail %(process_num)d")
    assert (mail["numprocs"], mail["stopwaitsecs"], mail["stopasgroup"]) == ("1", "60", "true")
    assert mail["stdout_logfile"] == "/var/log/slipway/blog/mail-%(process_num)d.log"


def test_every_program_has_the_time_to_end():
    seconds = evaluate("supervisor", "{{ __supervisor_stop_seconds }}", supervisor_config=config(WSGI, "mail"))
    assert int(seconds) == 90
    hasty = config(WSGI | {"stop_seconds": 5}, "mail")
    assert int(evaluate("supervisor", "{{ __supervisor_stop_seconds }}", supervisor_config=hasty)) == 80


def test_definitions_of_programs_that_are_gone_go():
    facts = {"slipway": {"apps": {"blog": {"programs": {"web": {}, "mail": {}, "old": {}}}}}}
    gone = evaluate(
        "supervisor", "{{ __supervisor_unwanted }}", supervisor_config=config(WSGI, "mail"), ansible_facts=facts
    )
    assert gone == ["/etc/slipway/blog/programs/old.json"]
    nobody = evaluate("supervisor", "{{ __supervisor_unwanted }}", supervisor_config=config(WSGI), ansible_facts={})
    assert nobody == []
