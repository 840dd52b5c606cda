# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of WSGI applications, and the file that is generated from them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.wsgi import WsgiTarget, parse, render_shim


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("wsgi:app", WsgiTarget("wsgi", "app")),
        (" a.b : c.d ", WsgiTarget("a.b", "c.d")),
        ("m:make()", WsgiTarget("m", "make", ())),
        ("m:make('a:b', 1)", WsgiTarget("m", "make", ("a:b", 1))),
        ("m:K.make(x={'a': [1, None]})", WsgiTarget("m", "K.make", (), (("x", {"a": [1, None]}),))),
    ],
)
def test_an_address_is_read(text: str, wanted: WsgiTarget) -> None:
    assert parse(text) == wanted


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("wsgi", "a module, a colon and a name"),
        (":app", "a module, a colon and a name"),
        ("my-app:app", "a module, a colon and a name"),
        ("import:app", "a module, a colon and a name"),
        ("m:", "no Python name or call"),
        ("m:f(", "no Python name or call"),
        ("m:'app'", "after the colon comes the name"),
        ("m:f()()", "after the colon comes the name"),
        ("m:f(os.environ)", "literals only"),
        ("m:f(*[1])", "not understood"),
        ("m:f(**{})", "not understood"),
        ("m:f({[]: 1})", "literals only"),
    ],
)
def test_what_is_wrong_is_said_with_the_value(text: str, why: str) -> None:
    with pytest.raises(SlipwayError) as caught:
        parse(text)
    assert why in str(caught.value)
    assert repr(text) in str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(SlipwayError):
        compile(render_shim(parse(text)), "shim", "exec")


literals = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.lists(literals, max_size=3), st.dictionaries(st.sampled_from(["a", "config"]), literals))
def test_the_shim_calls_the_factory_with_just_these_arguments(given: list[Any], named: dict[str, Any]) -> None:
    call = ", ".join([*map(repr, given), *(f"{key}={value!r}" for key, value in named.items())])
    sys.modules["slipway_sample"] = module = types.ModuleType("slipway_sample")
    module.make = lambda *args, **kwargs: (list(args), kwargs)  # type: ignore[attr-defined]
    space: dict[str, Any] = {}
    exec(render_shim(parse(f"slipway_sample:make({call})")), space)
    assert space["application"] == (given, named)


def test_the_shim_takes_a_callable_as_it_is() -> None:
    sys.modules["slipway_sample"] = module = types.ModuleType("slipway_sample")
    module.holder = types.SimpleNamespace(app=len)  # type: ignore[attr-defined]
    space: dict[str, Any] = {}
    exec(render_shim(parse("slipway_sample:holder.app")), space)
    assert space["application"] is len


SLOW_TO_END = """
import atexit, os

class Application:
    def __del__(self, write=os.write):
        write(1, b"collected")

app = Application()
app.itself, app.out = app, open("said", "w")
app.out.write("written before; ")
atexit.register(lambda: app.out.write("at the end; "))
"""


def test_a_process_that_ends_writes_what_it_has_to_and_collects_nothing(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW_TO_END)
    (tmp_path / "shim.py").write_text(render_shim(parse("slow:app")))
    ended = subprocess.run([sys.executable, "shim.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (tmp_path / "said").read_text() == "written before; at the end; "
    assert ended.stdout + ended.stderr == ""
