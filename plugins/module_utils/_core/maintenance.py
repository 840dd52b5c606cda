# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site in maintenance: what visitors see, and who is let in all the same. The variables `site_maintenance_*`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network

from ansible_collections.slipway.flask.plugins.module_utils._core.checks import Check, free_text, listed, text
from ansible_collections.slipway.flask.plugins.module_utils._core.fronts import FRONTS
from ansible_collections.slipway.flask.plugins.module_utils._core.wording import seen

# what the app's own server reads with each request
GUESTS, GUEST = "/etc/slipway/{name}/exempt", "{network}"


def network(label: str, value: object) -> Iterator[str]:
    """An address or a network. `203.0.113.7/24` is a slip: it names an address and means its network."""
    wrong = list(text(label, value))
    try:
        if not wrong:
            ip_network(str(value))
    except ValueError:
        wrong = [f"{seen(label, value)}: write an address or a network, such as 203.0.113.7 or 203.0.113.0/24."]
    yield from wrong


RULES: Mapping[str, Check] = {"site_maintenance_page": free_text, "site_maintenance_exempt": listed(network)}


def guests(networks: Iterable[str], front: str, name: str) -> tuple[str, str]:
    """Path and content of the file that lets these networks in, for a front server or for the app's own server."""
    path, line = (FRONTS[front].guests, FRONTS[front].guest) if front else (GUESTS, GUEST)
    lines = [line.format(network=ip_network(network)) for network in networks]
    return path.format(name=name), "".join(f"{line}\n" for line in lines)
