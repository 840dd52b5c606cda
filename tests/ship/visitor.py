# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody who comes over TLS, knows the site by its name, and trusts one authority and nobody else."""

from __future__ import annotations

import http.client
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.hosts import Host
from tests.hosts.model import HTTPS

from .probe import PATIENCE


@dataclass(frozen=True)
class Visitor:
    """`trusted` are certificates in PEM form."""

    host: Host
    name: str
    trusted: str

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.host.ports[HTTPS]}"

    def ask(self, url: str, name: str = "") -> str:
        """As `probe.ask`: what a visitor gets; anything but a success raises OSError."""
        status, _headers, body = self.visit(urlsplit(url).path, name)
        if status != http.client.OK:
            raise OSError(f"{status}: {body[:200]}")
        return body

    def visit(self, path: str, name: str = "") -> tuple[int, http.client.HTTPMessage, str]:
        connection = http.client.HTTPConnection(name or self.name, timeout=PATIENCE)
        connection.sock = self._connect(name or self.name)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.headers, response.read().decode()
        finally:
            connection.close()

    def certificate(self) -> bytes:
        """The one that is shown, in DER form."""
        with self._connect(self.name) as shown:
            found = shown.getpeercert(binary_form=True)
        assert found
        return found

    def _connect(self, name: str) -> ssl.SSLSocket:
        context = ssl.create_default_context(cadata=self.trusted)
        plain = socket.create_connection(("127.0.0.1", self.host.ports[HTTPS]), PATIENCE)
        try:
            return context.wrap_socket(plain, server_hostname=name)
        except OSError:
            plain.close()
            raise
