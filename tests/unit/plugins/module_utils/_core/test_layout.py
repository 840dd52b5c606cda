# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout

BLOG = Layout.of("blog")


@pytest.mark.parametrize(
    ("part", "path"),
    [
        ("config", "/etc/slipway/blog"),
        ("state", "/var/lib/slipway/blog"),
        ("run", "/run/slipway/blog"),
        ("log", "/var/log/slipway/blog"),
        ("incoming", "/srv/blog/incoming"),
        ("releases", "/srv/blog/releases"),
        ("venvs", "/srv/blog/venvs"),
        ("activations", "/srv/blog/activations"),
        ("shared", "/srv/blog/shared"),
        ("current", "/srv/blog/current"),
        ("candidate", "/srv/blog/candidate"),
    ],
)
def test_every_part_has_its_place(part, path):
    assert str(getattr(BLOG, part)) == path


def test_a_root_of_ones_own_moves_what_is_shipped_and_nothing_else():
    moved = Layout.of("blog", "/data/blog")
    assert str(moved.current) == "/data/blog/current"
    assert (moved.config, moved.state, moved.run, moved.log) == (BLOG.config, BLOG.state, BLOG.run, BLOG.log)


def test_every_slot_has_a_socket_of_its_own():
    sockets = [str(BLOG.slot_socket(program, slot)) for program in ("web", "mail") for slot in ("1", "trial")]
    assert sockets[0] == "/run/slipway/blog/slots/web-1.sock"
    assert len(set(sockets)) == 4
