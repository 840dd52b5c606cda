# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's documentation tells its options as they are."""

from __future__ import annotations

from typing import Any

import yaml

from ansible_collections.slipway.flask.plugins.module_utils._core import gateoptions
from ansible_collections.slipway.flask.plugins.modules import test_gate as module


def told(options: dict[str, Any]) -> dict[str, Any]:
    return {
        name: (option["type"], option.get("default"), option.get("required", False), option.get("choices"))
        for name, option in options.items()
    }


def test_options_and_documentation_agree() -> None:
    documented = yaml.safe_load(module.DOCUMENTATION)["options"]
    assert told(documented) == told(gateoptions.OPTIONS)
    assert told(documented["test"]["suboptions"]) == told(gateoptions.TEST)


def test_results_are_documented() -> None:
    assert {"commit", "artifact", "builds", "signer", "plan", "dirty"} <= set(yaml.safe_load(module.RETURN))
