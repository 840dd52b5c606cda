# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.ledger import Entry, Ledger
from ansible_collections.slipway.flask.plugins.module_utils._host import app as apps
from ansible_collections.slipway.flask.plugins.module_utils._host import shelf, state
from ansible_collections.slipway.flask.plugins.module_utils._host.health import Site


def put(host, *activations: str, live: str, **verdicts: str) -> None:
    for name in activations:
        host.ship(name)
    rows = [Entry(name, f"release-{name}", name, "0", None, "me", "t") for name in activations]
    ledger = Ledger(tuple(replace(row, verdict=verdicts.get(row.activation, "good")) for row in rows))
    state.write_ledger(host.app.layout, ledger)
    state.link(host.app.layout.current, Path("activations") / live)


def left(host, folder: str = "activations") -> list[str]:
    return sorted(name for name in os.listdir(host.app.layout.root / folder))


def test_an_activation_is_read_as_it_lies_there(host):
    host.ship("a", init_commands=("init",), migrate_commands=("up", "again"))
    wanted, site = shelf.read_wanted(host.app, "a", leader=False)
    assert (wanted.release, wanted.activation, wanted.venv) == ("release-a", "a", "venv-a")
    assert (wanted.init_commands, wanted.migrate_commands) == (("init",), ("up", "again"))
    assert (wanted.leader, wanted.digests) == (False, {"web": "digest"})
    assert site == Site("/", "localhost")


def test_an_activation_that_is_not_there_is_an_error_for_people(host):
    with pytest.raises(SlipwayError, match=r"no activation a of blog on this host\. Run the deploy again"):
        shelf.read_wanted(host.app, "a", leader=True)


def test_secret_values_are_those_of_the_secret_names(host):
    host.ship("a", secret_names=("TOKEN", "EMPTY", "GONE"))
    environment = host.app.layout.activations / "a/environment.json"
    state.write(environment, state.dumps({"TOKEN": "hunter2", "EMPTY": "", "PLAIN": "shown"}))
    assert shelf.secret_values(host.app, "a") == {"hunter2"}
    assert shelf.secret_values(host.app, "none") == set()


def test_pruning_keeps_the_live_one_and_the_newest_good_ones(host):
    put(host, "a", "b", "c", "d", live="d", c="bad")
    shelf.prune(host.app)
    assert left(host) == ["b", "d"]
    assert left(host, "releases") == ["release-b", "release-d"]
    assert left(host, "venvs") == ["venv-b", "venv-d"]


def test_pruning_keeps_a_live_one_that_is_not_good_and_the_last_good_one(host):
    put(host, "a", "b", live="b", b="bad")
    shelf.prune(host.app)
    assert left(host) == ["a", "b"]


def test_pruning_after_a_failure_leaves_the_packages_to_the_repair(host):
    put(host, "a", "b", "c", live="c", a="bad")
    shelf.prune(host.app, venvs=False)
    assert left(host) == ["b", "c"]
    assert left(host, "venvs") == ["venv-a", "venv-b", "venv-c"]


def test_a_venv_that_another_release_shares_stays(host):
    put(host, "a", "b", "c", live="c", a="bad")
    about = host.app.layout.activations / "c/activation.json"
    state.write(about, state.dumps({**state.read(about), "venv": "venv-a"}))
    shelf.prune(host.app)
    assert left(host, "venvs") == ["venv-a", "venv-b"]


def test_pruning_takes_unfinished_work_and_the_candidate_along(host):
    put(host, "a", live="a")
    for folder in ("releases/.work", "activations/.work"):
        Path(host.app.layout.root / folder).mkdir()
    state.link(host.app.layout.candidate, Path("activations/a"))
    shelf.prune(host.app)
    assert (left(host), left(host, "releases")) == (["a"], ["release-a"])
    assert state.linked(host.app.layout.candidate) is None


def test_pruning_that_is_killed_leaves_nothing_half_with_its_final_name(host, monkeypatch):
    put(host, "a", "b", "c", live="c")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):

        def killed(path: Path, **_: object) -> None:
            if path.exists():
                raise KeyboardInterrupt

        patch.setattr(shutil, "rmtree", killed)
        shelf.prune(host.app)
    assert apps.observe(host.app).activations == {"b", "c"}
    shelf.prune(host.app)
    assert left(host) == ["b", "c"]


def test_pruning_twice_changes_nothing(host):
    put(host, "a", "b", "c", live="c")
    shelf.prune(host.app)
    before = {name: left(host, name) for name in ("activations", "releases", "venvs")}
    shelf.prune(host.app)
    assert {name: left(host, name) for name in before} == before
