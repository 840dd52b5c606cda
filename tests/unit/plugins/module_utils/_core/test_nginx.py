# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.fronts import MARK, Server, owner_of, port_of
from ansible_collections.slipway.flask.plugins.module_utils._core.nginx import servers

DEBIAN = """\
# Default server configuration { not a block
server {
\tlisten 80 default_server;
\tlisten [::]:80 default_server;
\t# listen 443 ssl default_server;
\tserver_name _;
\tlocation / {
\t\ttry_files $uri $uri/ =404;
\t}
\tlocation ~ \\.php$ { fastcgi_pass unix:/run/php.sock; }
}
"""


def test_the_default_site_of_debian():
    assert servers(DEBIAN) == [Server(2, ["80 default_server", "[::]:80 default_server"], ["_"])]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("upstream x { server 10.0.0.1:80; server { } }", [Server(1, ["80"])]),
        ("server{listen 81;server_name a b a;}", [Server(1, ["81"], ["a", "b"])]),
        ("server { server_name 'a b' \"c;d\" e\\ f; }", [Server(1, ["80"], ["a b", "c;d", "e\\ f"])]),
        ("\n\nserver\n{\n listen\n  82\n  ssl;\n}", [Server(3, ["82 ssl"])]),
        ("server { listen 83; location /x { listen 84; server_name y; } }", [Server(1, ["83"])]),
        ("server { set $a ${b}c; listen 85; }\nserver { listen 86; }", [Server(1, ["85"]), Server(2, ["86"])]),
        ("http { server { listen 87; } }", [Server(1, ["87"])]),
        ("server { listen 88;", [Server(1, ["88"])]),
        ("} server { listen 89; }", [Server(1, ["89"])]),
        ("server { listen 90; server_name 'two\nlines'; }\nserver { }", [
            Server(1, ["90"], ["two\nlines"]),
            Server(3, ["80"]),
        ]),
    ],
)  # fmt: skip
def test_server_blocks(text, found):
    assert servers(text) == found


@given(st.text(alphabet="server{};#\"'\\$ \n\tlisten80_name"))
def test_no_text_is_too_odd(text):
    servers(text)


@pytest.mark.parametrize(
    ("listen", "port"),
    [
        ("80", "80"),
        ("8080 default_server", "8080"),
        ("127.0.0.1:81", "81"),
        ("127.0.0.1", "80"),
        ("localhost", "80"),
        ("*:82 ssl", "82"),
        ("[::]:83", "83"),
        ("[::1]", "80"),
        ("unix:/run/x.sock", ""),
    ],
)
def test_ports(listen, port):
    assert port_of(listen) == port


def test_whose_site_a_file_is():
    assert owner_of(f"{MARK}blog; change it with slipway.flask\nserver {{ }}") == "blog"
    assert owner_of(f"server {{ }}\n{MARK}blog") == ""
    assert owner_of("") == ""
