# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host has besides the app: the variables `base_*`."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.slipway.flask.plugins.module_utils._core.app_rules import ENVIRONMENT, optional
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import Check, flag, listed, matching, text

# an empty one leaves what the host has
RULES: Mapping[str, Check] = {
    "base_upgrade": matching("none|full", "none or full"),
    "base_security_updates": flag,
    "base_build_tools": flag,
    "base_ca_certificates": listed(text),
    "base_download_environment": ENVIRONMENT,
    "base_timezone": optional(matching(r"\w[\w+-]*(/[\w+-]+)*", "the name of a time zone, such as Europe/Vienna")),
    "base_locale": optional(matching(r"\w+\.[\w-]+(@\w+)?", "a locale with its encoding, such as de_AT.UTF-8")),
}
