# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core import upgrades


@pytest.mark.parametrize(
    "command",
    [
        "flask db upgrade",
        "flask --app 'webapp:create_app(\"prod\")' db upgrade head",
        "FLASK_APP=wsgi.py python -m flask db upgrade",
        "python manage.py db upgrade",
        "alembic -c migrations/alembic.ini upgrade heads",
    ],
)
def test_an_upgrade_is_known(command):
    assert upgrades.only([command])


@pytest.mark.parametrize(
    "command",
    [
        "",
        "upgrade",
        "flask db upgrade 0002",
        "flask db downgrade",
        "flask db upgrade && flask seed",
        "flask db upgrade; flask seed",
        "flask seed & flask db upgrade",
        "(flask db upgrade)",
        "flask db upgrade\nflask seed",
        "flask seed\nflask db upgrade",
        "flask seed | flask db upgrade",
        "flask $(./seed) db upgrade",
        "flask `./seed` db upgrade",
        "flask db upgrade # as ever",
        "flask 'db upgrade",
        "./make-tables upgrade head",
    ],
)
def test_what_may_do_anything_else_is_none(command):
    assert not upgrades.only(["flask db upgrade", command])
