# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A certificate that a user brings, judged before a host gets it: nginx would find out only some of it, and late."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from ansible_collections.slipway.flask.plugins.module_utils._core.tls import PROVIDED, Tls

Read = Callable[[str], str]
Pem = tuple[str, str]  # what the messages call it, and its text


def judge(tls: Tls, domains: Sequence[str], folder: str | None, read: Read, now: datetime | None = None) -> list[str]:
    """Everything that speaks against the pair. `read` gives the text of a file, decrypted where that is needed."""
    if tls.method != PROVIDED:
        return []
    try:
        certificate = _pem("site_tls_certificate", tls.certificate, folder, read)
        key = _pem("site_tls_key", tls.key, folder, read)
        return list(_judge(certificate, key, domains, now or datetime.now(UTC)))
    except ValueError as error:
        return [str(error)]


def resolve(name: str) -> list[str]:
    """The addresses a name leads to, as this machine sees it; none when it leads nowhere."""
    try:
        return sorted({str(row[4][0]) for row in socket.getaddrinfo(name, 443, type=socket.SOCK_STREAM)})
    except OSError:
        return []


def _pem(variable: str, given: str, folder: str | None, read: Read) -> Pem:
    if "-----" in given:
        return variable, given
    path = Path(folder or "/", Path(given).expanduser())
    if not path.is_file():
        raise ValueError(f"{variable} is {given}: no such file, {path}. Write the path of a PEM file, or its text.")
    return f"{variable} ({given})", read(str(path))


def _judge(certificate: Pem, key: Pem, domains: Sequence[str], now: datetime) -> Iterator[str]:
    label, text = certificate
    try:
        leaf = x509.load_pem_x509_certificates(text.encode())[0]
    except ValueError:
        yield f"{label} holds no certificate in PEM form: it begins with -----BEGIN CERTIFICATE-----."
        return
    yield from _pair(label, leaf, key)
    if leaf.not_valid_after_utc <= now:
        yield f"{label} ended on {leaf.not_valid_after_utc:%Y-%m-%d}. Bring a new one."
    elif leaf.not_valid_before_utc > now:
        yield f"{label} begins on {leaf.not_valid_before_utc:%Y-%m-%d}. Bring one that holds now."
    named = _names(leaf)
    missing = [name for name in domains if not any(_covers(pattern, name) for pattern in named)]
    if missing:
        yield f"{label} is for {', '.join(named) or 'no name'}, and app_domains has {', '.join(missing)} besides."


def _pair(label: str, leaf: x509.Certificate, key: Pem) -> Iterator[str]:
    name, text = key
    try:
        private = load_pem_private_key(text.encode(), password=None)
    except (TypeError, ValueError):
        yield f"{name} holds no private key in PEM form that opens without a password."
        return
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*form) != leaf.public_key().public_bytes(*form):
        yield f"{name} is not the key of {label}. Where a file has several certificates, the site's own comes first."


def _names(leaf: x509.Certificate) -> list[str]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return names.value.get_values_for_type(x509.DNSName)


def _covers(pattern: str, name: str) -> bool:
    """A wildcard stands for one label."""
    if pattern.startswith("*.") and "." in name:
        return pattern[2:].lower() == name.split(".", 1)[1].lower()
    return pattern.lower() == name.lower()
