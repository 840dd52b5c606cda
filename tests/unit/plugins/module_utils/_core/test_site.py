# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.fronts import REFUSER
from ansible_collections.slipway.flask.plugins.module_utils._core.site import (
    Fit,
    Wanted,
    fit,
    judge_site,
    ports,
)


def site(name: str, *listens: str, names: tuple[str, ...] = ("_",), **rest: Any) -> dict[str, Any]:
    """A foreign site, switched on by a link as Debian does it."""
    return {
        "path": f"/etc/nginx/sites-enabled/{name}",
        "file": f"/etc/nginx/sites-available/{name}",
        "line": 3,
        "ours": False,
        "app": "",
        "pristine": False,
        "listens": list(listens or ("80",)),
        "names": list(names),
        **rest,
    }


DEFAULT = site("default", "80 default_server", "[::]:80 default_server")
SHOP = site("shop", names=("Shop.example", "www.shop.example"))
EVERY_NAME = Wanted("blog")
NAMED = Wanted("blog", ("blog.example",))
NAMED_TLS = Wanted("blog", ("blog.example",), ports(True))


def judged(wanted: Wanted, sites: Any, listeners: Any = None) -> list[str]:
    return judge_site(wanted, {"front": {"nginx": {"sites": sites}}, "listeners": listeners or {}})


def of_app(row: dict[str, Any], app: str) -> dict[str, Any]:
    return row | {"ours": True, "app": app}


@pytest.mark.parametrize(
    ("wanted", "sites", "found"),
    [
        (EVERY_NAME, [], Fit()),
        (NAMED, [], Fit(refused=["80"])),
        (EVERY_NAME, [DEFAULT | {"pristine": True}], Fit(displaced=["/etc/nginx/sites-enabled/default"])),
        (NAMED, [DEFAULT | {"pristine": True}], Fit([], ["/etc/nginx/sites-enabled/default"], ["80"])),
        # somebody else's default site goes on answering the names that are not ours
        (NAMED, [DEFAULT], Fit(shared=True)),
        (NAMED, [SHOP], Fit(refused=["80"], shared=True)),
        (EVERY_NAME, [SHOP], Fit(shared=True)),
        # our own site of the last run, and the one that refuses unknown names
        (EVERY_NAME, [of_app(DEFAULT, "blog")], Fit()),
        (NAMED, [of_app(DEFAULT, "blog"), of_app(DEFAULT, REFUSER)], Fit(refused=["80"])),
        # an app that answers every name needs nobody who refuses some
        (NAMED, [of_app(DEFAULT, "wiki")], Fit()),
        # with TLS there is a second port, where nobody answers the names that are not ours
        (NAMED_TLS, [], Fit(refused=["80", "443"])),
        (Wanted("blog", ports=ports(True)), [], Fit()),
        (NAMED_TLS, [site("x", "443 ssl default_server")], Fit(refused=["80"], shared=True)),
        # and what a neighbour of ours leaves open stays refused, whichever of the two is set up last
        (NAMED, [of_app(site("wiki", "443 ssl"), "wiki")], Fit(refused=["80", "443"])),
        (EVERY_NAME, [of_app(site("wiki", "443 ssl"), "wiki")], Fit(refused=["443"])),
        # other ports are other doors
        (EVERY_NAME, [site("x", "8080 default_server")], Fit(shared=True)),
        (Wanted("blog", ("shop.example",)), [SHOP | {"listens": ["443 ssl"]}], Fit(refused=["80"], shared=True)),
        (Wanted("blog", adopt=True), [DEFAULT], Fit(displaced=["/etc/nginx/sites-enabled/default"])),
        (
            Wanted("blog", ("shop.example",), adopt=True),
            [SHOP, DEFAULT],
            Fit(displaced=["/etc/nginx/sites-enabled/shop"], shared=True),
        ),
    ],
)
def test_sites_that_get_along(wanted, sites, found):
    assert fit(wanted, sites) == found
    assert judged(wanted, sites) == []


CONF_D = site("own", "80 default_server", path="/etc/nginx/conf.d/own.conf", file="/etc/nginx/conf.d/own.conf")
COPIED = DEFAULT | {"file": DEFAULT["path"]}


@pytest.mark.parametrize(
    ("wanted", "neighbour", "words"),
    [
        (EVERY_NAME, DEFAULT, ["sites-available/default:3 already answers every name on port 80", "app_domains: ["]),
        (EVERY_NAME, DEFAULT, ["site_adopt: true", "removes the link /etc/nginx/sites-enabled/default and keeps"]),
        (Wanted("b", ("x.example", "shop.EXAMPLE")), SHOP, ["answers shop.EXAMPLE.", "now [x.example, shop.EXAMPLE]"]),
        (Wanted("blog", adopt=True), CONF_D, ["move /etc/nginx/conf.d/own.conf away yourself"]),
        (Wanted("blog", adopt=True), COPIED, ["move /etc/nginx/sites-enabled/default away yourself"]),
        (Wanted("blog", adopt=True), of_app(DEFAULT, "wiki"), ["The app wiki on this host already answers every name"]),
        (EVERY_NAME, CONF_D | {"pristine": True}, ["/etc/nginx/conf.d/own.conf:3"]),
        (Wanted("b", ("shop.example",), ports(True)), SHOP | {"listens": ["443 ssl"]}, ["answers shop.example."]),
        (Wanted("b", (), ports(True)), DEFAULT | {"listens": ["443 default_server"]}, ["every name on port 443"]),
    ],
)
def test_a_neighbour_in_the_way_is_named_with_what_to_type(wanted, neighbour, words):
    (problem,) = judged(wanted, [neighbour])
    assert all(word in problem for word in words), problem
    assert neighbour["path"] not in fit(wanted, [neighbour]).displaced


def test_a_port_of_tls_that_another_program_holds_is_said():
    held = {"443": {"pid": 7, "command": "stunnel", "unit": "stunnel.service"}}
    (problem,) = judged(NAMED_TLS, [], held)
    assert problem.startswith("Port 443 is held by stunnel (process 7, stunnel.service)")
    assert judged(NAMED, [], held) == []


def test_all_problems_are_said_at_once():
    problems = judged(EVERY_NAME, [DEFAULT, CONF_D], {"80": {"pid": 7, "command": "apache2", "unit": ""}})
    assert len(problems) == 3
    assert problems[0].startswith("Port 80 is held by apache2 (process 7, no unit)")


@pytest.mark.parametrize("listeners", [{}, {"80": {"pid": 1, "command": "nginx", "unit": "nginx.service"}}, {"81": {}}])
def test_a_free_port_or_nginx_itself_is_no_problem(listeners):
    assert judged(EVERY_NAME, [], listeners) == []


ROWS = st.builds(
    lambda name, default, ours, pristine: site(
        name,
        "80 default_server" if default else "80",
        names=(f"{name}.example",),
        ours=bool(ours),
        app=ours,
        pristine=pristine and not ours,
    ),
    st.sampled_from("abc"),
    st.booleans(),
    st.sampled_from(["", "blog", "wiki", REFUSER]),
    st.booleans(),
)
SITES = st.lists(ROWS, unique_by=lambda row: row["path"])
DOMAINS = st.sampled_from([(), ("a.example", "c.example")])
WANTED = st.builds(Wanted, st.just("blog"), DOMAINS, st.booleans().map(ports), st.booleans())


@given(WANTED, SITES)
def test_what_is_displaced_is_never_an_app_of_ours(wanted, sites):
    gone = fit(wanted, sites).displaced
    assert not [row for row in sites if row["path"] in gone and row["ours"]]


@given(WANTED, SITES)
def test_it_fits_once_it_is_placed(wanted, sites):
    """With what is displaced gone and the new site there, a second look finds nothing to do."""
    first = fit(wanted, sites)
    if first.problems:
        return
    listens = [port if wanted.domains else f"{port} default_server" for port in wanted.ports]
    placed = of_app(site("blog.conf", *listens, names=wanted.domains or ("_",)), "blog")
    left = [row for row in sites if row["path"] not in first.displaced and row["app"] != "blog"]
    assert fit(wanted, [*left, placed]) == Fit(refused=first.refused, shared=first.shared)
