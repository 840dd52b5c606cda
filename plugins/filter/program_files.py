# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The definition of each program as the launcher and the release module read it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: program_files
short_description: Render the definitions of an app's programs as files
version_added: 0.1.0
author: slipway.flask contributors (@slipway)
description:
  - Each program becomes C(/etc/slipway/APP/programs/NAME.json).
  - Its digest covers everything that a slot reads at start besides the release.
  - A slot that runs with another digest is restarted.
options:
  _input:
    description: C(supervisor_config) of the role P(slipway.flask.supervisor#role).
    type: dict
    required: true
"""

EXAMPLES = r"""
files: "{{ supervisor_config | slipway.flask.program_files }}"
"""

RETURN = r"""
_value:
  description: Entries for O(slipway.flask.file_set#module:files).
  type: list
  elements: dict
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

# Its command stands in the activation; it listens nowhere.
BACKGROUND: Mapping[str, Any] = {"argv": (), "ready_seconds": 0, "port": 0}


def program_files(config: Mapping[str, Any]) -> list[dict[str, str]]:
    """One file a program."""
    files = [[file["path"], file["content"]] for file in config["files"]]
    rows = []
    background = [{**BACKGROUND, **program} for program in config["background"]]
    # those first: what a new server hands on, an old worker may not know
    for order, program in enumerate([*background, *config["programs"]]):
        read = json.dumps([list(program["argv"]), program["port"], files], sort_keys=True)
        definition = {
            **{key: program[key] for key in ("name", "slots", "ready_seconds", "port")},
            "argv": list(program["argv"]),
            "processes": program.get("processes", 1),
            "wake_signal": program.get("wake_signal", ""),
            "background": program in background,
            "order": order,
            "digest": hashlib.sha256(read.encode()).hexdigest()[:16],
        }
        path = f"/etc/slipway/{config['name']}/programs/{program['name']}.json"
        rows.append({"path": path, "content": json.dumps(definition, indent=1) + "\n"})
    return rows


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"program_files": program_files}
