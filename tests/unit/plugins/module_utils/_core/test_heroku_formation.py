# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Formations: what differs, and what Heroku would refuse."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core import heroku_formation, heroku_release
from ansible_collections.slipway.flask.plugins.module_utils._core.heroku_formation import Kind

COUNTS = st.none() | st.integers(0, 3)
SIZES = st.sampled_from(["", "basic", "Basic", "standard-1X"])
FORMATIONS = st.dictionaries(st.sampled_from(["web", "worker"]), st.builds(Kind, st.integers(0, 3), SIZES))
WISHES = st.dictionaries(st.sampled_from(["web", "worker"]), st.fixed_dictionaries({"quantity": COUNTS, "size": SIZES}))


@given(WISHES, FORMATIONS)
def test_after_scaling_nothing_is_left(wanted: dict[str, Any], there: dict[str, Kind]) -> None:
    steps = heroku_release.scale(wanted, there)
    assert len(steps) <= 1
    # an app that has run has an entry for each of its types
    after = {name: there.get(name, Kind(1 if name == "web" and not there else 0, "")) for name in ("web", "worker")}
    for row in steps[0].updates if steps else ():
        old = after[row["type"]]
        after[row["type"]] = Kind(row.get("quantity", old.quantity), row.get("size", old.size))
    assert heroku_release.scale(wanted, after) == []
    for name, wish in wanted.items():
        assert wish["quantity"] in (None, after[name].quantity)


def test_one_web_runs_without_being_asked_for() -> None:
    assert heroku_release.scale({"web": {"quantity": 1}, "worker": {"quantity": 0}}, {}) == []
    (step,) = heroku_release.scale({"web": {"quantity": 2, "size": "Basic"}}, {"web": Kind(1, "eco")})
    assert step.updates == [{"type": "web", "quantity": 2, "size": "Basic"}]
    assert step.text == "formation: web 2, Basic"


def test_a_procfile_declares_what_dynos_run() -> None:
    assert heroku_formation.types("# web: no\nrelease: x\nweb: gunicorn app\nwork-er_2:sleep\nempty:\n  in: x\n") == {
        "web",
        "work-er_2",
    }


def test_process_types_come_from_the_procfile() -> None:
    (problem, other) = heroku_formation.judge_types(
        {"web": {}, "wrker": {}, "clock": {}}, {"web", "worker"}, "the Procfile"
    )
    assert "formation has clock, and the Procfile declares web, worker. Declare it there" in problem
    assert "Did you mean worker?" in other


def test_sizes_are_heroku_s_own() -> None:
    (problem,) = heroku_formation.judge_sizes(
        {"web": {"size": "BASIC"}, "worker": {"size": "giant"}, "x": {}}, ["Basic", "eco"]
    )
    assert problem == 'formation.worker.size is "giant": Heroku has basic, eco.'


def test_a_formation_is_read() -> None:
    rows = [{"type": "web", "quantity": 2, "size": "Basic", "command": "x"}]
    assert heroku_formation.read(rows) == {"web": Kind(2, "Basic")}
