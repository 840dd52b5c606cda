# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a site is encrypted: the variables `site_tls*`, `site_acme_*` and `site_hsts_seconds`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.app import DescriptionError
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import (
    Check,
    flag,
    free_text,
    matching,
    truth,
    whole,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.settled import settled
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import seen

OFF, SELF_SIGNED, PROVIDED, ACME = METHODS = ("off", "self_signed", "provided", "acme")
# What each method needs of Debian.
PACKAGES: Mapping[str, Sequence[str]] = {
    OFF: (),
    SELF_SIGNED: ("openssl",),
    PROVIDED: ("openssl",),
    ACME: ("certbot", "openssl"),
}


@dataclass(frozen=True)
class Tls:
    """Where the certificate of a site comes from. `certificate` and `key` are PEM texts or paths to them."""

    method: str
    certificate: str
    key: str
    proxied: bool


def settle(raw: Mapping[str, object]) -> Tls:
    """What these variables state. Raises DescriptionError with all that is wrong."""
    given = settled(RULES, raw)
    method = given["site_tls"] or OFF  # YAML reads `off` as false
    wrong = [*_of_files(method, given), *_of_acme(method, raw)]
    if wrong:
        raise DescriptionError(wrong)
    proxied = truth(given["site_acme_proxied"])
    return Tls(method, given["site_tls_certificate"], given["site_tls_key"], proxied)


def judge_names(tls: Tls, domains: Sequence[str], hosts: Sequence[str]) -> list[str]:
    """What an authority would refuse, known before it is asked."""
    if tls.method != ACME:
        return []
    problems = []
    if not domains:
        problems.append("site_tls is acme, and app_domains is empty: write the names that the certificate is for.")
    problems += [
        f"site_tls is acme, and app_domains has {name}: over HTTP no certificate for a wildcard is given."
        " Write each name, or bring a certificate with site_tls: provided."
        for name in domains
        if name.startswith("*")
    ]
    if len(hosts) > 1:
        problems.append(
            f"site_tls is acme, and {len(hosts)} hosts serve the names ({', '.join(hosts)}): the authority asks one of"
            " them, and not the one that asked for the certificate. Write site_tls: provided, the same for all."
        )
    return problems


def judge_addresses(name: str, leads_to: Sequence[str], host: Sequence[str]) -> list[str]:
    """Whether a name leads to a host, before an authority finds out that it does not."""
    if set(leads_to) & set(host):
        return []
    where = f"leads to {', '.join(sorted(leads_to))}" if leads_to else "leads nowhere: no address is known for it"
    return [
        f"site_tls is acme, and {name} {where}; this host has {', '.join(host)}. Point the name there and run this"
        " again. If a proxy or a router stands in front of the host, write site_acme_proxied: true"
    ]


def _of_files(method: str, settled: Mapping[str, Any]) -> Iterator[str]:
    for name in ("site_tls_certificate", "site_tls_key"):
        if method == PROVIDED and not settled[name]:
            yield f"site_tls is provided, and {name} is empty: write the path of a PEM file, or its text."
        elif method != PROVIDED and settled[name]:
            yield f"{name} is given, and site_tls is {method}: write site_tls: provided, or remove {name}."


def _of_acme(method: str, raw: Mapping[str, object]) -> Iterator[str]:
    for name in ("site_acme_directory", "site_acme_mail", "site_acme_proxied"):
        if method != ACME and raw.get(name):
            yield f"{name} is given, and site_tls is {method}: write site_tls: acme, or remove {name}."
    if method == OFF and int(str(raw.get("site_hsts_seconds") or 0)):
        yield "site_hsts_seconds is given, and site_tls is off: browsers would be sent where nobody listens. Remove it."


def _method(label: str, value: object) -> Iterator[str]:
    if value is not False and value not in METHODS:
        yield f"{seen(label, value)}: write {', '.join(METHODS[:-1])} or {METHODS[-1]}."


_DIRECTORY = matching(r"https://\S+", "the address of an ACME directory, https://...")
_MAIL = matching(r"[^@\s]+@[^@\s]+", "a mail address, you@example.org")


def _mail(label: str, value: object) -> Iterator[str]:
    return iter(()) if value == "" else _MAIL(label, value)


RULES: Mapping[str, Check] = {
    "site_tls": _method,
    "site_tls_certificate": free_text,
    "site_tls_key": free_text,
    "site_acme_directory": _DIRECTORY,
    "site_acme_mail": _mail,
    "site_acme_proxied": flag,
    "site_hsts_seconds": whole(0),
}
