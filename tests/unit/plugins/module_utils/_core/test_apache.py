# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.apache import servers, with_defaults
from ansible_collections.slipway.flask.plugins.module_utils._core.fronts import Server, port_of

DEBIAN = """\
<VirtualHost *:80>
\t# The ServerName directive sets the request scheme
\t#ServerName www.example.com

\tServerAdmin webmaster@localhost
\tDocumentRoot /var/www/html
\tErrorLog ${APACHE_LOG_DIR}/error.log
</VirtualHost>
"""


def test_the_default_site_of_debian_answers_every_name():
    assert servers(DEBIAN) == [Server(1, ["*:80 default_server"], [])]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("ServerName global.example\n", []),
        ("<VirtualHost *:80>\nServerName a.example\n</VirtualHost>", [Server(1, ["*:80"], ["a.example"])]),
        (
            "\n<virtualhost 10.0.0.1:443 [::1]:443>\n  servername https://a.example:443\n  ServerAlias b.example c\n",
            [Server(2, ["10.0.0.1:443", "[::1]:443"], ["a.example", "b.example", "c"])],
        ),
        (
            "<VirtualHost *:80>\nServerName a \\\n\nServerAlias b \\\n  c\n</VirtualHost>",
            [Server(1, ["*:80"], ["a", "b", "c"])],
        ),
        (
            '<VirtualHost "*:80">\nServerName "a"\n</VirtualHost>\nServerName x\n<VirtualHost *>\n</VirtualHost>',
            [Server(1, ["*:80"], ["a"]), Server(5, ["* default_server"], [])],
        ),
        ("<IfModule ssl_module>\n<VirtualHost _default_:443>\n", [Server(2, ["_default_:443 default_server"], [])]),
    ],
)
def test_virtual_hosts(text, found):
    assert servers(text) == found


def test_ports():
    assert [port_of(listen) for listen in ("*:80", "*", "_default_:443", "[::1]:8080 default_server")] == [
        "80",
        "80",
        "443",
        "8080",
    ]


def test_the_first_of_others_on_a_port_answers_every_name():
    def row(ours: bool, *listens: str) -> dict[str, object]:
        return {"ours": ours, "listens": list(listens)}

    rows = [row(True, "*:80"), row(False, "*:80", "*:443"), row(False, "*:80"), row(False, "*:8080 default_server")]
    assert [row["listens"] for row in with_defaults(rows)] == [
        ["*:80"],
        ["*:80 default_server", "*:443 default_server"],
        ["*:80"],
        ["*:8080 default_server"],
    ]


@given(st.text())
def test_whatever_stands_there_is_stepped_over(text):
    assert all(server.line >= 1 for server in servers(text))
