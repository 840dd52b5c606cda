# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules for Heroku against the stand-in of Heroku: real git, real processes, a real database."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.platforms.heroku import Platform, platform

from .conftest import OWN, claimed
from .guest import GuestProject, pinned
from .play import Playing, Run
from .project import ROOT

# the role's own tests ship the blog each time
pytestmark = pytest.mark.soak

NAME, PLAYBOOK = "slipway-tiny", ROOT / "tests/ship/playbooks/heroku.yml"
LOGS = ROOT / "build/log/ship/heroku-platform"
MIGRATE = 'psql -q "$DATABASE_URL" -c "CREATE TABLE IF NOT EXISTS seen AS VALUES (1)"'
FAIL = "echo there is no such column; exit 3"
FILES = {
    "app.py": "import os\n\nfrom flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get('/')\ndef home():\n"
    "    return f\"one {os.environ['GREETING']} {os.environ['DYNO']}\"\n",
    "requirements.txt": f"{pinned('flask')}\n",
    ".python-version": "3.13\n",
    "Procfile": f"release: {MIGRATE}\nweb: flask run --host 0.0.0.0 --port $PORT\nworker: sleep 1000\n",
}
SECRET = "tell-nobody-about-this"
CONFIG = {"GREETING": "hello", "SECRET_KEY": SECRET}


class Tenant:
    """A project and an app of it on the platform."""

    def __init__(self, heroku: Platform, folder: Path) -> None:
        self.heroku, self.folder, self.runs = heroku, folder, 0
        self.told: list[str] = []
        self.project = GuestProject(folder / "project", FILES)

    def play(self, *arguments: str, commit: str | None = None, **more: Any) -> Run:
        """A run; what is not said is as an inventory would have it."""
        self.runs += 1
        usual = {
            "name": NAME, "api_url": self.heroku.api_url, "key": self.heroku.key, "tree": str(self.project.folder),
            "git_url": self.heroku.git_url(NAME), "commit": self.project.head if commit is None else commit,
            "addons": ["heroku-postgresql:essential-0", "cloudamqp:lemur"], "config": CONFIG,
            "formation": {"web": {"quantity": 2}, "worker": {"quantity": 1}}, "said": str(self.folder / "said.json"),
        }  # fmt: skip
        variables = self.folder / "variables.json"
        variables.write_text(json.dumps(usual | more))
        LOGS.mkdir(parents=True, exist_ok=True)
        log = LOGS / f"{self.runs:03}.log"
        environment = {
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build/collections"),
            "ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        }  # fmt: skip
        argv = ["ansible-playbook", str(PLAYBOOK), "--diff", "-e", f"@{variables}", *arguments]
        run = Playing(argv, environment, log).wait(120)
        for hidden in (SECRET, self.heroku.key):
            assert hidden not in run.output
        return run

    def said(self) -> dict[str, Any]:
        """What the two modules returned."""
        found: dict[str, Any] = json.loads((self.folder / "said.json").read_text())
        return found

    def plans(self) -> list[str]:
        return [*self.said()["app"]["plan"], *self.said()["release"]["plan"]]

    def answer(self) -> str:
        with urllib.request.urlopen(self.get("")["web_url"], timeout=30) as answer:
            return str(answer.read().decode())

    def get(self, part: str) -> Any:
        return self.heroku.call("GET", f"/apps/{NAME}{part}")

    def versions(self) -> list[tuple[int, str]]:
        return [(row["version"], row["status"]) for row in self.get("/releases")]

    def commit(self, why: str, **edits: str) -> str:
        names = {"app": "app.py", "procfile": "Procfile", "python": ".python-version"}
        return self.project.commit(why, {names[name]: text for name, text in edits.items()})


@pytest.fixture(scope="module")
def heroku() -> Iterator[Platform]:
    name = f"modules{OWN}"
    with claimed(f"heroku-{name}"), platform(name, BOOT_SECONDS="10") as here:
        yield here


@pytest.fixture(scope="module")
def tenant(heroku: Platform, tmp_path_factory: pytest.TempPathFactory) -> Tenant:
    """With its first commit live."""
    made = Tenant(heroku, tmp_path_factory.mktemp("heroku"))
    made.play("--check").good()
    made.told = made.plans()
    made.play().good()
    return made


def test_first_run_makes_all_of_it(tenant: Tenant) -> None:
    assert tenant.plans() == tenant.told and "formation: web 2; worker 1" in tenant.told
    assert tenant.answer().startswith("one hello web.")
    assert tenant.heroku.sql(NAME, "SELECT * FROM seen") == "1"
    dynos = tenant.get("/dynos")
    assert sorted(row["name"] for row in dynos) == ["web.1", "web.2", "worker.1"]
    assert {row["state"] for row in dynos} == {"up"}
    assert tenant.said()["release"]["release"]["commit"] == tenant.project.head
    assert tenant.said()["app"]["heroku"]["web_url"] == tenant.get("")["web_url"]


def test_second_run_changes_nothing(tenant: Tenant) -> None:
    before = tenant.versions()
    assert tenant.play().good().changed == 0
    assert tenant.versions() == before


def test_check_mode_tells_what_the_run_does(tenant: Tenant) -> None:
    tenant.commit("Two", app=FILES["app.py"].replace("one ", "two "))
    wish = {"config": {"GREETING": "salut", "NEW": "1"}, "formation": {"web": {"quantity": 1, "size": "basic"}}}
    before = tenant.versions()
    tenant.play("--check", **wish).good()
    told = tenant.plans()
    assert told == [
        "config vars: set NEW; change GREETING, SLIPWAY_CONFIG; remove SECRET_KEY",
        f"push {tenant.project.head[:8]} to main, and release it",
        "formation: web 1",
    ]
    assert tenant.versions() == before and tenant.answer().startswith("one hello")
    run = tenant.play(**wish).good()
    assert tenant.plans() == told and run.changed == 2
    assert tenant.answer() == "two salut web.1"
    assert tenant.play(**wish).good().changed == 0


def test_config_vars_of_others_stay(tenant: Tenant) -> None:
    tenant.heroku.call("PATCH", f"/apps/{NAME}/config-vars", {"BY_HAND": "yes"})
    tenant.play().good()
    found = tenant.get("/config-vars")
    assert (found["BY_HAND"], found["GREETING"]) == ("yes", "hello")
    assert found["SLIPWAY_CONFIG"] == "GREETING SECRET_KEY" and "NEW" not in found


def test_failing_release_phase_changes_nothing_that_is_live(tenant: Tenant) -> None:
    good = tenant.project.head
    tenant.commit("Fails to migrate", procfile=FILES["Procfile"].replace(MIGRATE, FAIL))
    tenant.play().bad("failed, and is not live", "there is no such column", f"({good[:8]}) goes on")
    assert tenant.answer().startswith("two hello")
    # the commit is in the repository, and another push of it would do nothing
    tenant.play().bad("there is no such column")
    tenant.project.reset(good)
    tenant.play().good()
    assert tenant.versions()[-1][1] == "succeeded"


def test_app_that_crashes_is_taken_back(tenant: Tenant) -> None:
    good = tenant.project.head
    tenant.commit("Crashes", app="import nothing_of_that_name\n", procfile=FILES["Procfile"].replace("worker", "clerk"))
    run = tenant.play(formation={"web": {"quantity": 2}, "clerk": {"quantity": 1}})
    run.bad("is not well", "nothing_of_that_name", f"({good[:8]}) serves again")
    assert tenant.answer().startswith("two hello")
    counts = {row["type"]: row["quantity"] for row in tenant.get("/formation")}
    assert counts == {"release": 0, "web": 2, "worker": 1}
    tenant.project.reset(good)
    assert tenant.play().good().changed == 0


def test_refused_build_says_why(tenant: Tenant) -> None:
    good = tenant.project.head
    tenant.commit("No such version", python="2.7\n")
    tenant.play().bad("Heroku did not take", "Invalid Python version", "Push rejected")
    assert tenant.answer().startswith("two hello")
    tenant.project.reset(good)


def test_rollback(tenant: Tenant) -> None:
    tenant.commit("Three", app=FILES["app.py"].replace("one ", "three "))
    tenant.play().good()
    assert tenant.answer().startswith("three hello")
    tenant.play(rollback="v99", commit="").bad("there is no good v99", "The releases that there are", "Deploy")
    tenant.play(rollback="previous", commit="").good()
    assert tenant.answer().startswith("two hello")
    target = tenant.said()["release"]["release"]["version"]
    assert tenant.play(rollback=f"v{target}", commit="").good().changed == 0


def test_everything_wrong_is_said_at_once(tenant: Tenant) -> None:
    before = tenant.versions()
    wrong = {"PORT": "1", "DATABASE_URL": "x", "SOME-NAME": "x", "NUMBER": 5}
    addons = ["heroku-postgresql:huge-9", "heroku-postgresq:essential-0", "cloudamqp"]
    tenant.play(config=wrong, addons=addons, region="mars", stack="heroku-18").bad(
        "config.PORT is set by Heroku itself",
        "config.DATABASE_URL belongs to the add-on",
        "config has the name 'SOME-NAME'",
        "config.NUMBER is a number",
        "heroku-postgresql has no plan huge-9",
        "Did you mean heroku-postgresql?",
        "addons has 'cloudamqp': write SERVICE:PLAN",
        "region is 'mars': Heroku has eu, us",
        "stack is 'heroku-18': Heroku has heroku-22, heroku-24, heroku-26",
        "Nothing was changed",
    )
    formation = {"web": {"quantity": -1}, "wrker": {"quantity": 1}, "worker": {"size": "giant"}}
    tenant.play(formation=formation).bad(
        "formation.web.quantity is -1", "Did you mean worker?", 'formation.worker.size is "giant": Heroku has'
    )
    tenant.play(key="another-key-than-mine").bad("refuses api_key", "Invalid credentials provided")
    tenant.play(key=tenant.heroku.other_key).bad("belongs to somebody else than stranger@example.org")
    assert tenant.versions() == before


def test_too_many_requests_are_waited_for(tenant: Tenant) -> None:
    tenant.heroku.busy(3)
    assert tenant.play().good().seconds > 3
    assert tenant.answer().startswith("three hello"), "what was gone back from was built before, and is released again"


def test_absent_takes_everything_with_it(tenant: Tenant) -> None:
    gone = {"state": "absent", "commit": ""}
    tenant.play(**gone).bad(f"write delete_data: {NAME}", "heroku-postgresql:essential-0")
    tenant.play("--check", delete_data=NAME, **gone).good()
    assert tenant.get("")["name"] == NAME
    assert tenant.play(delete_data=NAME, **gone).good().changed == 1
    databases = tenant.heroku.sh("runuser -u postgres -- psql -Atc 'SELECT datname FROM pg_database'")
    assert sorted(databases.split()) == ["postgres", "template0", "template1"]
    assert tenant.heroku.sh("ps -u dyno -o args= || true") == ""
    assert tenant.heroku.sh("rabbitmqctl -q list_vhosts --no-table-headers") == "/"
    assert tenant.play(delete_data=NAME, **gone).good().changed == 0
