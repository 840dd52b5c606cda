# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a site fits beside the sites a host already has. Neighbours are never overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.fronts import FRONTS, REFUSER, port_of
from ansible_collections.slipway.flask.plugins.module_utils._core.ports import holder_of, staying, who

HTTP, HTTPS = PORTS = ("80", "443")


def ports(encrypted: bool) -> tuple[str, ...]:
    """Where a site listens."""
    return PORTS if encrypted else (HTTP,)


@dataclass(frozen=True)
class Wanted:
    """The site of the app `name`; without domains it answers every name that nobody else does."""

    name: str
    domains: Sequence[str] = ()
    ports: Sequence[str] = (HTTP,)
    adopt: bool = False
    front: str = "nginx"

    @property
    def links(self) -> str:
        return FRONTS[self.front].links


@dataclass(frozen=True)
class Fit:
    """What stands against the site, what it displaces, the ports where unknown names are left to nobody, and whether
    somebody else has a site there."""

    problems: list[str] = field(default_factory=list)
    displaced: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    shared: bool = False


def judge_site(wanted: Wanted, facts: Mapping[str, Any]) -> list[str]:
    """Every reason against the site, from the facts of a host."""
    sites = (facts.get("front") or {}).get(wanted.front, {}).get("sites", ())
    return [*_port_problems(wanted, facts), *fit(wanted, sites).problems]


def fit(wanted: Wanted, sites: Iterable[Mapping[str, Any]]) -> Fit:
    others = [site for site in sites if site["app"] not in (wanted.name, REFUSER)]
    pristine = [site["path"] for site in others if site["pristine"] and site["path"].startswith(wanted.links)]
    neighbours = [site for site in others if site["path"] not in pristine]
    clashes = [(site, names) for site in neighbours if (names := _shared(wanted, site))]
    displaced = dict.fromkeys([*pristine, *(site["path"] for site, _names in clashes if _adoptable(wanted, site))])
    stays = [site for site in neighbours if site["path"] not in displaced]
    return Fit(
        problems=[_problem(wanted, *clash) for clash in clashes if not _adoptable(wanted, clash[0])],
        displaced=list(displaced),
        refused=[port for port in PORTS if _is_left(port, wanted, stays)],
        shared=not all(site["ours"] for site in stays),
    )


def _is_left(port: str, wanted: Wanted, stays: Sequence[Mapping[str, Any]]) -> bool:
    """Whether apps of ours listen there, and nobody answers the names that no site has."""
    ours = port in wanted.ports or any(site["ours"] and port in _ports(site) for site in stays)
    answered = port in wanted.ports and not wanted.domains
    return ours and not answered and not any(_is_default(site, port) for site in stays)


def _ports(site: Mapping[str, Any]) -> set[str]:
    return {port_of(listen) for listen in site["listens"]}


def _shared(wanted: Wanted, site: Mapping[str, Any]) -> str:
    """What both would answer, in words; empty when they get along."""
    if not wanted.domains:
        port = next((port for port in wanted.ports if _is_default(site, port)), "")
        return port and f"every name on port {port}"
    names = [name.lower() for name in site["names"]] if _ports(site) & {*wanted.ports} else []
    return ", ".join(domain for domain in wanted.domains if any(_takes(wanted, name, domain.lower()) for name in names))


def _takes(wanted: Wanted, name: str, domain: str) -> bool:
    """nginx prefers a name to a pattern; Apache takes the first that fits."""
    return name == domain or (wanted.front == "apache" and fnmatchcase(domain, name))


def _is_default(site: Mapping[str, Any], port: str) -> bool:
    return any(port_of(listen) == port and "default_server" in listen.split() for listen in site["listens"])


def _adoptable(wanted: Wanted, site: Mapping[str, Any]) -> bool:
    """Only a link can be taken away without losing the file, and only of a site that is not another app's."""
    return wanted.adopt and not site["ours"] and site["path"].startswith(wanted.links) and site["path"] != site["file"]


def _problem(wanted: Wanted, site: Mapping[str, Any], names: str) -> str:
    where = f"{site['file']}:{site['line']}"
    if site["ours"]:
        return f"The app {site['app']} on this host already answers {names} ({where}). {_other_names(wanted)}"
    if not site["path"].startswith(wanted.links) or site["path"] == site["file"]:
        take_out = f"move {site['path']} away yourself"
    else:
        take_out = f"set site_adopt: true, which removes the link {site['path']} and keeps the file"
    return f"{where} already answers {names}. {_other_names(wanted)} To take that site out of service, {take_out}."


def _other_names(wanted: Wanted) -> str:
    if wanted.domains:
        return f"Take the name out of app_domains, now [{', '.join(wanted.domains)}]."
    return "Give this app names of its own: app_domains: [blog.example.org]."


def _port_problems(wanted: Wanted, facts: Mapping[str, Any]) -> Iterable[str]:
    server = FRONTS[wanted.front]
    for port in wanted.ports:
        holder = holder_of(wanted.name, wanted.front, port, facts)
        if holder and holder["command"] != server.command:
            yield (
                f"Port {port} is held by {who(holder)}, so {server.command} cannot listen there."
                f" {staying(wanted.name, wanted.front, holder, facts) or 'Stop it, or take it off this host.'}"
            )
