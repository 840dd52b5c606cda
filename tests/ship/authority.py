# SPDX-License-Identifier: GPL-3.0-or-later
"""An authority that speaks ACME, on a test host: pebble, which asks the site on port 80 as a real one does."""

from __future__ import annotations

import json

from tests.hosts import Host

from . import inside

DIRECTORY = "https://localhost:14000/dir"
DAYS = 90
CONFIG = {
    "pebble": {
        "listenAddress": "127.0.0.1:14000",
        "managementListenAddress": "127.0.0.1:15000",
        "certificate": "/opt/pebble/certificate.pem",
        "privateKey": "/opt/pebble/key.pem",
        "httpPort": 80,
        "tlsPort": 443,
        "certificateValidityPeriod": DAYS * 24 * 3600,
        # a real one says where to ask whether a certificate was taken back
        "ocspResponderURL": "http://localhost:4002",
    }
}
# the host trusts it to serve its directory: the real ones are trusted from the beginning
START = f"""set -e
apt-get -qq update && apt-get -qq install -y --no-install-recommends pebble openssl >/dev/null
mkdir -p /opt/pebble && cd /opt/pebble
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 9 -subj /CN=localhost \\
  -addext subjectAltName=DNS:localhost -keyout key.pem -out certificate.pem 2>/dev/null
cp certificate.pem /usr/local/share/ca-certificates/pebble.crt && update-ca-certificates >/dev/null
echo '{json.dumps(CONFIG)}' >config.json
rm -rf /etc/letsencrypt/accounts /etc/letsencrypt/live /etc/letsencrypt/archive /etc/letsencrypt/renewal
systemd-run --quiet --unit=pebble --setenv=PEBBLE_VA_NOSLEEP=1 --setenv=PEBBLE_WFE_NONCEREJECT=0 \\
  pebble -config /opt/pebble/config.json
timeout 30 sh -c 'until openssl s_client -connect 127.0.0.1:14000 </dev/null >/dev/null 2>&1; do sleep 0.1; done'
"""


class Authority:
    """Begins to work when it is made."""

    def __init__(self, host: Host, *names: str) -> None:
        self._host = host
        inside.sh(host, START)
        self.lead(*names)

    def lead(self, *names: str) -> None:
        """These names lead to the host, as far as the authority can see. All others lead nowhere."""
        lines = "".join(f"127.0.0.1 {name}\\n" for name in names)
        inside.sh(self._host, f"sed -i '/ # led/d' /etc/hosts; printf '{lines}' | sed 's/$/ # led/' >>/etc/hosts")

    def stop(self) -> None:
        inside.sh(self._host, "! systemctl --quiet is-active pebble || systemctl stop pebble")

    def root(self) -> str:
        """The certificate that visitors have to trust. A bare host has openssl by now, and no Python."""
        ask = (
            "printf 'GET /roots/0 HTTP/1.0\\r\\n\\r\\n' | openssl s_client -quiet -connect 127.0.0.1:15000 2>/dev/null"
        )
        return inside.sh(self._host, f"{ask} | sed -n '/BEGIN/,/END/p'")
