# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host has besides the app: the variables `base_*`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible_collections.slipway.flask.plugins.module_utils._core.app_rules import ENVIRONMENT
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import Check, flag, listed, matching, text


def _or_empty(form: Check) -> Check:
    """Empty leaves what the host has."""

    def check(label: str, value: object) -> Iterator[str]:
        return iter(()) if value == "" else form(label, value)

    return check


RULES: Mapping[str, Check] = {
    "base_upgrade": matching("none|full", "none or full"),
    "base_security_updates": flag,
    "base_build_tools": flag,
    "base_ca_certificates": listed(text),
    "base_download_environment": ENVIRONMENT,
    "base_timezone": _or_empty(matching(r"\w[\w+-]*(/[\w+-]+)*", "the name of a time zone, such as Europe/Vienna")),
    "base_locale": _or_empty(matching(r"\w+\.[\w-]+(@\w+)?", "a locale with its encoding, such as de_AT.UTF-8")),
}
