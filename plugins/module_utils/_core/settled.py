# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of one table of rules, each as it was given or with its default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.app import DescriptionError
from ansible_collections.slipway.flask.plugins.module_utils._core.checks import Check, judge
from ansible_collections.slipway.flask.plugins.module_utils._core.variables import VARIABLES


def settled(rules: Mapping[str, Check], raw: Mapping[str, object]) -> dict[str, Any]:
    """Every variable that the table has. Raises DescriptionError with all that is wrong."""
    given = {name: value for name, value in raw.items() if name in rules}
    if problems := judge(rules, given):
        raise DescriptionError(problems)
    return {name: VARIABLES[name].default for name in rules} | given
