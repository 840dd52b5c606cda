# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where secrets are kept, by their names."""

from __future__ import annotations

DOCUMENTATION = r"""
name: secret_references
short_description: Name -> ARN of secrets that were put into Secrets Manager
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description:
  - For the role P(slipway.flask.elastic_beanstalk#role).
options:
  _input:
    description: C(results) of a loop of P(community.aws.secretsmanager_secret#module) over C(dict2items).
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
secrets: "{{ kept.results | slipway.flask.secret_references }}"
"""

RETURN = r"""
_value:
  description: For a secret that is not there yet, in check mode, the ARN of none.
  type: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

NOT_YET = "arn:aws:secretsmanager:::secret:not-yet"


def secret_references(results: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {row["item"]["key"]: _arn(row.get("secret")) for row in results}


def _arn(secret: object) -> str:
    found = secret.get("arn") or secret.get("ARN") if isinstance(secret, Mapping) else None
    return str(found or NOT_YET)


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"secret_references": secret_references}
