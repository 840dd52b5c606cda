# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.moves import Departure, departures
from ansible_collections.slipway.flask.plugins.module_utils._core.ports import judge_server_port
from ansible_collections.slipway.flask.plugins.module_utils._core.site import Wanted, judge_site

NGINX, APACHE = "/etc/nginx/sites-{0}/{1}.conf", "/etc/apache2/sites-{0}/{1}.conf"
GUESTS = {"nginx": "/etc/nginx/snippets/slipway-blog-exempt.conf", "apache": "/etc/apache2/slipway-blog-exempt.conf"}


def site(form: str, app: str, name: str = "", **rest: Any) -> dict[str, Any]:
    path, file = form.format("enabled", name or app), form.format("available", name or app)
    row = {"path": path, "file": file, "line": 1, "app": app, "ours": bool(app), "pristine": False}
    return {**row, "listens": ["80"], "names": [f"{name or app}.example"], **rest}


def facts(*, holder: str = "", **fronts: Any) -> dict[str, Any]:
    held = {"80": {"pid": 5, "command": holder, "unit": f"{holder}.service", "addresses": ["0.0.0.0"]}}
    return {
        "front": {name: {"sites": sites} for name, sites in fronts.items()},
        "listeners": held if holder else {},
        "apps": {},
    }


BLOG = site(NGINX, "blog")
REFUSER = site(NGINX, "-", "00-slipway")
OTHERS = site(NGINX, "", "old")
DEFAULT = site(NGINX, "", "default", pristine=True)
OF_BLOG = [BLOG["path"], BLOG["file"]]
OF_REFUSER = [REFUSER["path"], REFUSER["file"]]


@pytest.mark.parametrize(
    ("sites", "found"),
    [
        ([], []),
        ([site(NGINX, "wiki"), OTHERS, REFUSER], []),
        ([BLOG], [Departure("nginx", [*OF_BLOG, GUESTS["nginx"]], [])]),
        ([REFUSER, BLOG, DEFAULT], [Departure("nginx", [*OF_REFUSER, *OF_BLOG, GUESTS["nginx"]], [])]),
        ([REFUSER, BLOG, site(NGINX, "wiki")], [Departure("nginx", [*OF_BLOG, GUESTS["nginx"]], ["wiki"])]),
        ([REFUSER, BLOG, OTHERS], [Departure("nginx", [*OF_REFUSER, *OF_BLOG, GUESTS["nginx"]], [OTHERS["file"]])]),
        # two servers in one file: port 80 leads to 443
        ([BLOG, BLOG | {"line": 9}], [Departure("nginx", [*OF_BLOG, GUESTS["nginx"]], [])]),
    ],
)
@pytest.mark.parametrize("front", ["apache", ""])
def test_an_app_is_taken_out_of_the_front_server_it_had(sites: Any, found: Any, front: str) -> None:
    assert departures("blog", front, facts(nginx=sites)) == found


def test_it_stays_where_it_is() -> None:
    assert departures("blog", "nginx", facts(nginx=[BLOG])) == []
    assert departures("blog", "nginx", {}) == []
    own = site(APACHE, "blog")
    (left,) = departures("blog", "nginx", facts(nginx=[BLOG], apache=[own]))
    assert left == Departure("apache", [own["path"], own["file"], GUESTS["apache"]], [])


def test_the_port_of_a_front_server_that_is_left_is_free() -> None:
    found = facts(nginx=[BLOG], holder="nginx")
    assert judge_site(Wanted("blog", front="apache"), found) == []
    assert list(judge_server_port("blog", 80, found)) == []


def test_the_port_of_one_that_others_stay_with_is_not() -> None:
    found = facts(nginx=[BLOG, site(NGINX, "wiki")], holder="nginx")
    said = "It also serves wiki: move that as well, or neither."
    assert judge_site(Wanted("blog", front="apache"), found) == [
        f"Port 80 is held by nginx (process 5, nginx.service), so apache2 cannot listen there. {said}"
    ]
    assert list(judge_server_port("blog", 80, found)) == [
        f"Port 80 is held by nginx (process 5, nginx.service). {said}"
    ]


@pytest.mark.parametrize("unit", ["slipway-blog.service", ""])
def test_the_port_of_the_app_s_own_server_is_free_for_a_front_server(unit: str) -> None:
    held = {"80": {"pid": 5, "command": "python3", "unit": unit}}
    own = {"blog": {"front": {"port": 80, "certificate": "", "unit": ""}}}
    assert judge_site(Wanted("blog"), {"listeners": held, "apps": own}) == []
    other = {"wiki": {"front": {"port": 80, "certificate": "", "unit": ""}}}
    assert bool(judge_site(Wanted("blog"), {"listeners": held, "apps": other})) is (unit == "")
