# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core import (
    platform_beanstalk,
    platform_heroku,
    platform_needs,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.app import describe
from ansible_collections.slipway.flask.plugins.module_utils._core.celery import settle as settle_celery
from ansible_collections.slipway.flask.plugins.module_utils._core.migrations import Revision
from ansible_collections.slipway.flask.plugins.module_utils._core.platform import settle
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_start import Serving, uwsgi
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_tree import Shape

COMMIT = "1a2b3c4d5e6f" + "0" * 28
REVISIONS = {
    "0001": Revision("0001", (), "first"),
    "0002": Revision("0002", ("0001",), "", ("drop_column users.fax",)),
}


def shape(tasks: bool = True, **given: Any) -> Shape:
    app = describe({"app_name": "blog", "app_source": "/src", **given})
    celery = settle_celery({"celery_beat": True}) if tasks else None
    return Shape(app, "3.13", Serving(0, 2, 30), celery, COMMIT, REVISIONS)


def heroku(one: Shape, paths: tuple[str, ...] = (), **given: Any) -> dict[str, str]:
    return platform_heroku.files(one, settle(given, "blog").heroku, paths)


def beanstalk(one: Shape, paths: tuple[str, ...] = (), **given: Any) -> dict[str, str]:
    return platform_beanstalk.files(one, settle(given, "blog").beanstalk, paths)


def test_heroku_is_told_its_processes_and_what_comes_before_a_release() -> None:
    found = heroku(shape(app_migrate_commands=["flask db upgrade"], app_programs={"feed": "python -m feed"}))
    lines = dict(line.split(": ", 1) for line in found["Procfile"].splitlines())
    assert lines["web"] == "uwsgi uwsgi.ini" and lines["feed"] == "python -m feed"
    assert lines["celery"].startswith("celery -A celery_runner worker") and "--concurrency=2" in lines["celery"]
    assert lines["beat"].startswith("python .slipway/lock.py beat celery")
    assert lines["release"] == "python .slipway/lock.py --wait 600 migrate python .slipway/migrate.py"
    assert found[".python-version"] == "3.13\n" and "runtime.txt" not in found
    assert "release" not in heroku(shape())["Procfile"]


def test_who_serves_the_site_itself_needs_no_uwsgi() -> None:
    found = heroku(shape(tasks=False, app_programs={"web": "python -m site"}))
    assert found["Procfile"] == "web: python -m site\n"
    assert "uwsgi.ini" not in found and "slipway_wsgi.py" not in found


def test_the_manifest_names_secrets_and_holds_none() -> None:
    found = heroku(
        shape(app_secrets={"SECRET_KEY": "canary"}), heroku_formation={"celery": {"quantity": 2, "size": "basic"}}
    )
    manifest = json.loads(found["app.json"])
    assert manifest["env"]["SECRET_KEY"]["required"] and "canary" not in str(found)
    assert manifest["formation"] == {
        "web": {"quantity": 1},
        "celery": {"quantity": 2, "size": "basic"},
        "beat": {"quantity": 1},
    }


def test_build_commands_are_hooks_of_each_platform() -> None:
    one = shape(app_build_commands=["npm ci", "npm run build"])
    hook = heroku(one)["bin/post_compile"]
    assert hook.splitlines()[1:] == ["set -e", "npm ci", "npm run build"]
    commands = json.loads(beanstalk(one)[".ebextensions/10-slipway.config"])["container_commands"]
    assert sorted(commands) == ["10_build", "11_build"] and commands["11_build"]["command"].endswith("npm run build")


def test_beanstalk_migrates_once_and_its_nginx_serves_what_is_static() -> None:
    one = shape(app_migrate_commands=["flask db upgrade"], app_static={"/static": "blog/static"})
    found = beanstalk(one)
    extension = json.loads(found[".ebextensions/10-slipway.config"])
    assert extension["container_commands"]["50_migrate"]["leader_only"] is True
    settings = extension["option_settings"]
    assert settings["aws:elasticbeanstalk:environment:proxy:staticfiles"] == {"/static": "blog/static"}
    assert settings["aws:elasticbeanstalk:application:environment"]["SLIPWAY_COMMIT"] == COMMIT
    assert "static-map" not in found["uwsgi.ini"] and "static-map = /static=blog/static" in heroku(one)["uwsgi.ini"]
    assert "from slipway_wsgi import application" in found["application.py"]
    assert "application.py" not in beanstalk(one, ("application.py",))


def test_its_own_tool_finds_the_environment() -> None:
    told = json.loads(beanstalk(shape(), elastic_beanstalk_environment="blog-prod")[".elasticbeanstalk/config.yml"])
    assert told["branch-defaults"]["main"]["environment"] == "blog-prod"
    assert told["global"]["default_platform"] == "Python 3.13 running on 64bit Amazon Linux 2023"


def test_where_it_runs_is_said_by_somebody() -> None:
    (problem,) = platform_beanstalk.judge(settle({}, "blog").beanstalk)
    assert problem.startswith("elastic_beanstalk_region is not set")
    assert platform_beanstalk.judge(settle({"elastic_beanstalk_region": "eu-west-1"}, "blog").beanstalk) == []


def test_several_instances_stand_behind_a_load_balancer_that_asks_the_app() -> None:
    one = shape(app_health_path="/healthz").app
    several = platform_beanstalk.options(one, settle({"elastic_beanstalk_instances": 3}, "blog").beanstalk)
    assert several["aws:autoscaling:asg"] == {"MinSize": "3", "MaxSize": "3"}
    assert several["aws:elasticbeanstalk:environment:process:default"] == {"HealthCheckPath": "/healthz"}
    alone = platform_beanstalk.options(one, settle({}, "blog").beanstalk)
    assert alone["aws:elasticbeanstalk:environment"] == {"EnvironmentType": "SingleInstance"}
    assert all(found["aws:elasticbeanstalk:command"] == {"DeploymentPolicy": "Immutable"} for found in (several, alone))


def test_a_task_is_kept_from_others_longer_than_it_may_take() -> None:
    celery = settle_celery({"celery_task_seconds": 600, "celery_settings": {"timezone": "Europe/Vienna"}})
    seconds = platform_beanstalk.visibility_seconds(celery)
    told = platform_beanstalk.of_queue(
        platform_beanstalk.settings(celery), "blog", "https://q/1/blog", "eu-west-1", seconds
    )
    found = json.loads(told)
    assert found["broker_transport_options"]["visibility_timeout"] > found["task_time_limit"] == 600
    assert found["broker_transport_options"]["predefined_queues"] == {"blog": {"url": "https://q/1/blog"}}
    assert (found["task_default_queue"], found["timezone"]) == ("blog", "Europe/Vienna")


def test_migrations_are_told_with_all_that_lies_before_them() -> None:
    found = json.loads(heroku(shape(app_migrate_commands=["flask db upgrade"]))[".slipway/migrate.json"])
    assert found["revisions"]["0002"]["after"] == ["0001"] and found["revisions"]["0002"]["drops"]
    assert not found["revisions"]["0001"]["drops"] and found["destructive"] is False


def test_processes_are_as_many_as_is_said_or_as_the_platform_says() -> None:
    assert "if-env = WEB_CONCURRENCY\n" in uwsgi(Serving(0, 2, 30), {})
    assert "\nprocesses = 4\n" in uwsgi(Serving(4, 2, 30), {}) and "WEB_CONCURRENCY" not in uwsgi(Serving(4, 2, 30), {})


def test_a_process_type_that_is_none_is_said() -> None:
    (problem,) = platform_heroku.judge(settle({"heroku_formation": {"wbe": 1}}, "blog").heroku, ["web", "celery"])
    assert problem == "heroku_formation has wbe, which is no process type of the app: it has web, celery."


@pytest.mark.parametrize(
    ("pins", "target", "said"),
    [
        ({"celery", "psycopg2-binary"}, "heroku", "The process type web needs pyuwsgi or uwsgi"),
        ({"pyuwsgi", "psycopg2-binary"}, "heroku", "The process type celery needs celery"),
        ({"pyuwsgi", "celery"}, "heroku", "DATABASE_URL needs psycopg2 or psycopg2-binary or psycopg"),
        ({"pyuwsgi", "celery", "psycopg"}, "elastic_beanstalk", "Celery over SQS needs pycurl"),
    ],
)
def test_what_a_process_needs_is_missed(pins: set[str], target: str, said: str) -> None:
    (problem,) = platform_needs.judge_pins(pins, target, "uwsgi uwsgi.ini", celery=True, database=True)
    assert problem.startswith(said)


def test_nothing_is_missed_that_is_not_needed() -> None:
    assert list(platform_needs.judge_pins(set(), "heroku", "python -m site", celery=False, database=False)) == []


def test_two_files_of_package_managers_are_one_too_many_unless_somebody_says_which() -> None:
    paths = ("requirements.txt", "uv.lock", "app.py")
    (problem,) = platform_needs.judge_package_files("auto", paths)
    assert problem.startswith("The commit has requirements.txt and uv.lock")
    assert list(platform_needs.judge_package_files("uv.lock", paths)) == []
    assert list(platform_needs.judge_package_files("auto", ("uv.lock", "Pipfile"))) == []
    assert platform_needs.replaced(("uv.lock", "Pipfile", "requirements.txt")) == ["uv.lock", "Pipfile"]


def test_a_file_of_the_commit_is_not_covered_without_a_word() -> None:
    (problem,) = platform_needs.judge_covered(
        ["Procfile", "requirements.txt", "app.json"], {"Procfile", "requirements.txt"}
    )
    assert problem.startswith("The commit has Procfile")
