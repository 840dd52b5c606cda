# SPDX-License-Identifier: GPL-3.0-or-later
"""A bare Debian host, two runs, and what a person can ask afterwards."""

from __future__ import annotations

from .conftest import Shipped
from .probe import ask


def test_blog_answers(shipped: Shipped) -> None:
    assert "<html" in ask(shipped.ground.url + "/")
