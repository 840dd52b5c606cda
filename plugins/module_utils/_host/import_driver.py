# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Import the application the way a server will, and say what came of it.

Runs with the application's own Python in the project's root. Arguments: where to write the answer
(JSON), the module, the dotted name in it, and `callable` when it has to be that.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import sys
import traceback


def look(module: str, name: str, called: bool) -> dict[str, str]:
    """`kind` is ok, missing, broken (it can never work) or raised (it may work with the real environment)."""
    try:
        imported = importlib.import_module(module)
    except (SyntaxError, ImportError) as error:
        return {"kind": "broken", "why": told(error)}
    except BaseException as error:
        return {"kind": "raised", "why": told(error)}
    try:
        found = functools.reduce(getattr, name.split("."), imported)
    except AttributeError as error:
        return {"kind": "missing", "why": str(error)}
    if called and not callable(found):
        return {"kind": "missing", "why": f"{name} is {type(found).__name__}, which cannot be called"}
    return {"kind": "ok", "why": ""}


def told(error: BaseException) -> str:
    """The traceback without the frames of the import machinery: they say nothing about the application."""
    trace = traceback.TracebackException.from_exception(error)
    kept = [frame for frame in trace.stack if "importlib" not in frame.filename and frame.filename != __file__]
    trace.stack = traceback.StackSummary.from_list(kept)
    return "".join(trace.format(chain=False))


if __name__ == "__main__":
    answer, wanted_module, wanted_name, *kinds = sys.argv[1:]
    sys.path[0] = os.getcwd()
    said = look(wanted_module, wanted_name, bool(kinds))
    print(said["why"])
    with open(answer, "w", encoding="utf-8") as stream:
        json.dump(said, stream)
