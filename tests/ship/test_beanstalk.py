# SPDX-License-Identifier: GPL-3.0-or-later
"""The blog at Elastic Beanstalk: the role against moto with an engine that runs it (tests/platforms/beanstalk)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.platforms.beanstalk import REGION, Aws, eb, platform

from .commits import after, broken_migration
from .conftest import OWN, claimed
from .lodger import Lodger, comment, live, room
from .probe import ask
from .project import ROOT
from .test_secrets import watching

APP, NAME = "blog", "blog-prod"
ON_AWS = '"PORT" in os.environ and os.environ.get("SLIPWAY_APP")'


class Blog(Lodger):
    """The blog at AWS, and what its owner sees there."""

    def __init__(self, folder: Path, aws: Aws) -> None:
        self.aws = aws
        # on instances of AWS the endpoint is AWS, and the credentials are those of their role
        told = {key: aws.environment[key] for key in aws.environment if key != "AWS_REGION"}
        super().__init__(
            folder,
            "elastic_beanstalk",
            aws.environment,
            elastic_beanstalk_environment=NAME,
            # moto keeps the records of an RDS instance and runs none, so the app is told of another database
            elastic_beanstalk_database="db.t4g.micro",
            elastic_beanstalk_database_url=aws.database_url(APP),
            # what an instance is handed by its queue while it ends comes back when a task would be too late
            celery_task_seconds=10,
            celery_settings={"broker_transport_options": {"wait_time_seconds": 1}},
            elastic_beanstalk_options={"aws:elasticbeanstalk:command": {"Timeout": 15}},
            app_environment=told,
        )

    @property
    def url(self) -> str:
        return f"http://{self.environment()['EndpointURL']}"

    def environment(self) -> Mapping[str, Any]:
        found = self.client("elasticbeanstalk").describe_environments(EnvironmentNames=[NAME], IncludeDeleted=False)
        rows: list[Mapping[str, Any]] = [row for row in found["Environments"] if row["Status"] != "Terminated"]
        return rows[0] if rows else {}

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.aws.endpoint_url,
            region_name=REGION,
            aws_access_key_id=self.aws.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.aws.environment["AWS_SECRET_ACCESS_KEY"],
        )

    def sql(self, query: str) -> str:
        return self.aws.sql(query, APP)


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Blog]:
    """With its first commit live."""
    called = f"beanstalk-blog{OWN}"
    with claimed(called), platform(called) as aws:
        made = Blog(room(tmp_path_factory, "beanstalk"), aws)
        with watching(made.secret) as shown:
            run = made.silent(made.play("-vvv").good())
        assert run.changed
        assert not shown, "argument lists hold secrets"
        yield made


@pytest.fixture(autouse=True)
def forgotten(blog: Blog) -> Iterator[None]:
    """What a test commits no other one builds on, unless it went live."""
    yield
    blog.project.reset()


def test_it_is_served_and_its_tasks_are_done(blog: Blog) -> None:
    assert live(blog.url) == blog.project.head
    assert "Slipway" in ask(blog.url)
    comment(blog.url, blog.sql)


def test_a_second_run_changes_nothing(blog: Blog) -> None:
    before = blog.environment()
    assert blog.play().good().changed == 0
    assert blog.environment() == before


def test_secrets_are_kept_where_only_instances_read_them(blog: Blog) -> None:
    found = blog.client("elasticbeanstalk").describe_configuration_settings(ApplicationName=APP, EnvironmentName=NAME)
    assert blog.secret not in str(found) and "environmentsecrets" in str(found)
    packed = zipfile.ZipFile(blog.tree.with_suffix(".zip"))
    assert not [name for name in packed.namelist() if blog.secret.encode() in packed.read(name)]
    assert {"Procfile", "application.py", ".slipway/attestation.json", ".ebextensions/10-slipway.config"} <= set(
        packed.namelist()
    )


def test_check_mode_says_what_would_be_shipped(blog: Blog) -> None:
    before = blog.environment()
    commit = blog.project.new_page("Only looked at")
    run = blog.play("--check").good()
    assert run.changed and commit[:12] in run.output
    assert blog.environment() == before


def test_a_new_commit_with_a_migration_and_back_again(blog: Blog) -> None:
    blog.there_and_back(elastic_beanstalk_rollback="previous")


def test_a_migration_that_fails_leaves_the_old_version(blog: Blog) -> None:
    # the platform's events say which instance, and its log why
    said = ("ERROR Instance deployment failed", "it is Ready and Green", "eb logs")
    blog.stays_when("A migration that fails there", broken_migration(blog.project), *said)


def test_an_app_that_does_not_start_there_leaves_the_old_version(blog: Blog) -> None:
    broken = f'if {ON_AWS}:\n    raise ImportError("no libmagic on this instance")\n'
    edits = {"webapp/health.py": after("import os", broken)}
    blog.stays_when("Starts here and not there", edits, "ERROR", "it is Ready and Green")


def test_what_is_wrong_is_said_before_anything_changes(blog: Blog) -> None:
    before = blog.environment()
    blog.play(
        elastic_beanstalk_database="",
        elastic_beanstalk_database_url="",
        app_files={"local.cfg": {"content": "x", "secret": True}},
    ).bad(
        "database, elastic_beanstalk: its disk does not last",
        "app_files local.cfg, elastic_beanstalk: it would stand in a commit",
    )
    blog.play(elastic_beanstalk_platform="Python 2.7 running on 64bit Amazon Linux 2023").bad("Python 2.7")
    blog.play(elastic_beanstalk_region="xx-nowhere-1").bad("xx-nowhere-1")
    assert blog.environment() == before


def test_what_is_not_installed_is_named_with_what_to_type(blog: Blog, tmp_path: Path) -> None:
    ours = tmp_path / "ansible_collections" / "slipway"
    ours.mkdir(parents=True)
    (ours / "flask").symlink_to(ROOT)
    blog.play(collections=tmp_path).bad(
        "needs the collection amazon.aws. Type: ansible-galaxy collection install amazon.aws",
        "needs the collection community.aws",
    )


def test_it_has_a_database_that_nobody_else_reaches(blog: Blog) -> None:
    (found,) = blog.client("rds").describe_db_instances()["DBInstances"]
    assert found["DBInstanceIdentifier"] == APP and not found["PubliclyAccessible"]
    (group,) = found["VpcSecurityGroups"]
    (rule,) = blog.client("ec2").describe_security_groups(GroupIds=[group["VpcSecurityGroupId"]])["SecurityGroups"][0][
        "IpPermissions"
    ]
    assert (rule["FromPort"], rule["IpRanges"], len(rule["UserIdGroupPairs"])) == (5432, [], 1)


def test_its_own_tool_knows_the_tree(blog: Blog) -> None:
    blog.play().good()  # the tree is the one that was tested last
    assert f"Environment details for: {NAME}" in told(blog, "status")
    told(blog, "deploy", "--timeout", "3")
    comment(blog.url, blog.sql)


def told(blog: Blog, *arguments: str) -> str:
    done = eb(blog.tree, blog.aws, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_absent_deletes_it_when_told_twice(blog: Blog) -> None:
    gone = {"elastic_beanstalk_state": "absent"}
    blog.play(**gone).bad("app_delete_data: blog")
    blog.play(**gone, app_delete_data="blog").good()
    assert not blog.environment()
    assert not blog.client("elasticbeanstalk").describe_applications()["Applications"]
    assert not blog.client("rds").describe_db_instances()["DBInstances"]
    assert not blog.client("secretsmanager").list_secrets()["SecretList"]
    groups = blog.client("ec2").describe_security_groups()["SecurityGroups"]
    assert not [group for group in groups if group["GroupName"].startswith(f"{APP}-")]
    assert blog.play(**gone, app_delete_data="blog").good().changed == 0
