# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module test_gate takes, as Ansible's argument specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import gitsource

_STRINGS: dict[str, Any] = {"type": "list", "elements": "str", "default": []}

TEST: dict[str, Any] = {
    "enabled": {"type": "bool", "default": True},
    "runner": {"type": "str", "choices": ["auto", "unittest", "pytest", "command"], "default": "auto"},
    "command": _STRINGS,
    "path": {"type": "str", "default": ""},
    "processes": {"type": "raw", "default": 1},
    "arguments": _STRINGS,
    "requirements": _STRINGS,
    "minimum": {"type": "int", "default": 1},
    "timeout": {"type": "int", "default": 900},
    "environment": {"type": "dict", "default": {}},
}

OPTIONS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "source": {"type": "str", "required": True},
    "version": {"type": "str", "default": "HEAD"},
    "subdir": {"type": "str", "default": ""},
    "wsgi": {"type": "str", "default": "wsgi:app"},
    "handlers": {"type": "str", "default": ""},
    "celery": {"type": "str", "default": ""},
    "folders": _STRINGS,
    "requirements": {"type": "raw", "default": "auto"},
    "extras": _STRINGS,
    "install_project": {"type": "str", "default": "auto"},
    "packages": _STRINGS,
    "pythons": _STRINGS,
    "test": {"type": "dict", "options": TEST, "apply_defaults": True},
    "key_file": {"type": "path", "default": "~/.config/slipway/gate_ed25519", "no_log": False},
    "signer": {"type": "str"},
    "cache_dir": {"type": "path"},
    "download_environment": {"type": "dict", "default": {}},
    "beside": {"type": "bool", "default": False},
    "ahead": {"type": "dict", "default": {}},
}


def credentials(given: Mapping[str, Any]) -> set[str]:
    """What URLs among the values carry, and nobody may see."""
    texts = [given["source"], *map(str, given["download_environment"].values())]
    return {secret for text in texts for secret in gitsource.credentials(text)}
