# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the WSGI application of a project is: what is said for production first, what the code shows then."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.sight import (
    Clue,
    Source,
    Tree,
    dotted,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.wsgi import parse

CALLABLES = ("app", "application", "wsgi_app", "flask_app", "server")
FACTORIES = ("create_app", "make_app", "build_app", "app_factory", "create_application", "get_app")
FILES = ("wsgi", "app", "application", "main", "run", "server", "manage")
_ADDRESS = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(\([^()]*\))?")


def address(tree: Tree, sources: Sequence[Source]) -> Clue | None:
    """`app_wsgi`: from a Procfile, wsgi.py, FLASK_APP, or the best of what the code offers."""
    offers = [offer for source in sources for offer in _offers(source, sources)]
    entry = [offer for offer in offers if offer.where.startswith("wsgi.py:")]
    ranked = [_procfile(tree), *entry, _flask_app(tree, offers), *sorted(offers, key=_rank)]
    good = [clue for clue in ranked if clue and _readable(clue.value)]
    return good[0] if good else None


def _procfile(tree: Tree) -> Clue | None:
    for number, line in enumerate(tree.get("Procfile", "").splitlines(), 1):
        found = _ADDRESS.search(line.partition(":")[2]) if line.startswith("web:") else None
        if found:
            return Clue("app_wsgi", found[0], "what its web process serves", f"Procfile:{number}")
    return None


def _flask_app(tree: Tree, offers: Sequence[Clue]) -> Clue | None:
    """FLASK_APP may leave out the name: then Flask looks for one in the module, and so do we."""
    for number, line in enumerate(tree.get(".flaskenv", "").splitlines(), 1):
        found = re.match(r"\s*(?:export\s+)?FLASK_APP\s*=\s*[\"']?([^\"'#]+?)[\"']?\s*(?:#.*)?$", line)
        if not found:
            continue
        module, _colon, rest = found[1].strip().partition(":")
        module = module.removesuffix(".py").replace("/", ".")
        meant = next((str(offer.value) for offer in offers if _is_in(str(offer.value), module, rest)), "")
        if meant or rest:
            return Clue("app_wsgi", meant or f"{module}:{rest}", "FLASK_APP", f".flaskenv:{number}")
    return None


def _is_in(offer: str, module: str, rest: str) -> bool:
    """Whether an offer is in that module and, where a name was given without a call, of that name."""
    where, _colon, name = offer.partition(":")
    return where == module and (not rest or ("(" not in rest and name.partition("(")[0] == rest))


def _offers(source: Source, others: Sequence[Source]) -> Iterator[Clue]:
    for node in source.statements:
        if isinstance(node, ast.FunctionDef) and node.name in FACTORIES:
            yield _factory(source, node, others)
        elif isinstance(node, ast.FunctionDef) and node.name == "application":
            yield _found(source, node, "application", "the callable application")
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            yield from _assigned(source, node)
        elif isinstance(node, ast.ImportFrom) and source.module.rpartition(".")[2] in FILES:
            names = [alias.asname or alias.name for alias in node.names]
            yield from (_found(source, node, name, f"the name {name}") for name in names if name in CALLABLES[:2])


def _assigned(source: Source, node: ast.Assign | ast.AnnAssign) -> Iterator[Clue]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    made = dotted(node.value.func).rpartition(".")[2] if isinstance(node.value, ast.Call) else ""
    for target in targets:
        name = target.id if isinstance(target, ast.Name) else ""
        if name and made.endswith("Flask"):
            yield _found(source, node, name, f"{name} = {made}(...)")
        elif name in CALLABLES and (made in FACTORIES or (name == "application" and node.value is not None)):
            yield _found(source, node, name, f"{name} = {made}(...)" if made else "the callable application")


def _found(source: Source, node: ast.AST, name: str, said: str) -> Clue:
    return Clue("app_wsgi", f"{source.module}:{name}", said, source.at(node))


def _factory(source: Source, node: ast.FunctionDef, others: Sequence[Source]) -> Clue:
    """A factory is called without arguments; one that needs a configuration gets the class for production."""
    given = node.args.posonlyargs + node.args.args
    needed = given[: len(given) - len(node.args.defaults)]
    named = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    asked = [*needed, *(argument for argument, value in named if not value)]
    config = next((name for other in others for name in _production(other)), "")
    if not asked:
        return _found(source, node, f"{node.name}()", f"the factory {node.name}")
    said = f"the factory {node.name}, which needs {', '.join(arg.arg for arg in asked)}"
    arguments = f"'{config}'" if config and len(asked) == 1 and needed else ""
    return Clue("app_wsgi", f"{source.module}:{node.name}({arguments})", said, source.at(node), sure=False)


def _production(source: Source) -> Iterator[str]:
    for node in source.statements:
        if isinstance(node, ast.ClassDef) and node.name.lower().startswith("prod"):
            yield f"{source.module}.{node.name}"


def _rank(clue: Clue) -> tuple[object, ...]:
    """Names that servers know first, then the places where an application usually is, then the shallow ones."""
    module, _colon, name = str(clue.value).partition(":")
    last = module.rpartition(".")[2]
    place = FILES.index(last) if last in FILES else len(FILES)
    usual = name.partition("(")[0] in (*CALLABLES, *FACTORIES)
    return not clue.sure, not usual, clue.where.count("/"), place, clue.where


def _readable(value: object) -> bool:
    try:
        parse(str(value))
    except SlipwayError:
        return False
    return True
