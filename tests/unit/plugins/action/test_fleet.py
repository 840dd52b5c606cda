# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom a fleet asks before it goes on."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.slipway.flask.plugins.action import fleet

TRIED = {"changed": True}


def agree(**variables: dict[str, Any]) -> None:
    hosts = list(variables)
    fleet._agree({"releases": "release", "results": "tried"}, {"ansible_play_hosts_all": hosts, "hostvars": variables})


def test_a_host_that_has_it_all_takes_no_part() -> None:
    agree(a={"release": {"pending": []}}, b={"release": {"pending": ["try"]}, "tried": TRIED})


@pytest.mark.parametrize("release", [{"pending": ["try"]}, {"failed": True}, {}])
def test_any_other_that_says_nothing_keeps_all_from_going_on(release: dict[str, Any]) -> None:
    with pytest.raises(AnsibleActionFail, match="a: cannot be reached any more"):
        agree(a={"release": release}, b={"release": {"pending": ["try"]}, "tried": TRIED})
