# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The address of a WSGI application, `module:callable` or `module:factory(literal arguments)`.

Servers differ in what they understand of it (uWSGI calls no factory with arguments), so one generated
file gives all of them, the trial and the platforms the same plain name: `application`.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError

SHIM_NAME = "slipway_wsgi.py"
# The end of a process with a large application: first what it has written goes out, then nothing is searched for
# garbage, which takes longer than all else when a slot stops and is freed by the kernel anyway.
SHIM = """\
\"\"\"Made by slipway.flask from app_wsgi: every server loads the application from here.\"\"\"

import atexit
import gc
import io


def _end():
    for found in gc.get_objects():
        if type(found) in (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom):
            try:
                found.flush()
            except (OSError, ValueError):
                pass
    gc.freeze()


# before the application registers anything, and so after all of it
atexit.register(_end)

from {module} import {first} as _found

application = {call}
"""
EXAMPLES = "wsgi:app, myapp:create_app() or myapp:create_app('myapp.config.ProdConfig')"


@dataclass(frozen=True)
class WsgiTarget:
    """Where the application is; `arguments` is None when it is not made by calling a factory."""

    module: str
    attribute: str
    arguments: tuple[Any, ...] | None = None
    keywords: tuple[tuple[str, Any], ...] = ()


def parse(text: str) -> WsgiTarget:
    """Read an address, or say what is wrong with it."""
    module, colon, call = (part.strip() for part in text.partition(":"))
    if not colon or not _is_dotted(module):
        raise _refusal(text, "it must be a module, a colon and a name")
    try:
        body = ast.parse(call, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise _refusal(text, f"{call!r} is no Python name or call") from None
    if not isinstance(body, ast.Call):
        return WsgiTarget(module, _dotted(text, body))
    if any(isinstance(argument, ast.Starred) for argument in body.args) or any(k.arg is None for k in body.keywords):
        raise _refusal(text, "* and ** are not understood there")
    arguments = tuple(_literal(text, argument) for argument in body.args)
    keywords = tuple((str(k.arg), _literal(text, k.value)) for k in body.keywords)
    return WsgiTarget(module, _dotted(text, body.func), arguments, keywords)


def render_shim(target: WsgiTarget) -> str:
    """The file that exposes the application as `application`, whatever its address is."""
    first, _dot, rest = target.attribute.partition(".")
    call = f"_found{'.' + rest if rest else ''}"
    if target.arguments is not None:
        given = [repr(argument) for argument in target.arguments]
        given += [f"{name}={value!r}" for name, value in target.keywords]
        call += f"({', '.join(given)})"
    return SHIM.format(module=target.module, first=first, call=call)


def _is_dotted(text: str) -> bool:
    return all(_is_name(part) for part in text.split("."))


def _is_name(text: str) -> bool:
    """An identifier that an import statement takes: keywords read as identifiers but are none."""
    try:
        return text.isidentifier() and isinstance(ast.parse(text, mode="eval").body, ast.Name)
    except SyntaxError:
        return False


def _dotted(text: str, node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(text, node.value)}.{node.attr}"
    raise _refusal(text, "after the colon comes the name of a callable, or a call of a factory by its name")


def _literal(text: str, node: ast.expr) -> Any:
    try:
        value = ast.literal_eval(node)
        ast.parse(repr(value), mode="eval")
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        raise _refusal(
            text, "a factory takes literals only: strings, numbers, lists, dictionaries, True, None"
        ) from None
    return value


def _refusal(text: str, why: str) -> SlipwayError:
    return SlipwayError(f"app_wsgi is {text!r}: {why}. Examples: {EXAMPLES}.")
