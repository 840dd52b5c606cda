# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of `variables.py` about platforms that run the app in place of hosts of one's own."""

from __future__ import annotations

ROWS: tuple[tuple[str, str, str, object, str], ...] = (
    (
        "platform_celery",
        "platform",
        "bool | str",
        "auto",
        "Whether a platform runs Celery's worker; auto: if the inventory has workers.",
    ),
    (
        "platform_accepts",
        "platform",
        "list[str]",
        [],
        "What a platform may lack, as the table of parity calls it, such as app_shared.cache.",
    ),
    ("heroku_app", "heroku", "str", "", "Name of the app at Heroku; empty: app_name."),
    ("heroku_api_key", "heroku", "str", "", "Secret. Empty: HEROKU_API_KEY of the controller's environment."),
    ("heroku_region", "heroku", "str", "", "Where a new app is made, such as eu; empty: Heroku's default."),
    ("heroku_team", "heroku", "str", "", "Team that a new app belongs to; empty: the owner of the key."),
    ("heroku_stack", "heroku", "str", "heroku-24", "Heroku's system image."),
    ("heroku_addons", "heroku", "list[str]", [], "Add-ons as SERVICE:PLAN, such as heroku-postgresql:essential-0."),
    (
        "heroku_formation",
        "heroku",
        "dict",
        {},
        "Process type -> dynos, or {quantity: 2, size: standard-1x}; unset, one of each.",
    ),
    ("heroku_state", "heroku", "str", "present", "absent deletes the app, and with app_delete_data only."),
    ("heroku_rollback", "heroku", "str", "", "Release to go back to, such as v12, or previous."),
    ("heroku_local", "heroku", "bool", False, "Run the generated Procfile here, with honcho, and ship nothing."),
    ("heroku_port", "heroku", "int", 5000, "Port of 127.0.0.1 that heroku_local takes."),
    ("heroku_local_environment", "heroku", "dict[str, str]", {}, "What it finds here in place of add-ons."),
    ("heroku_tree", "heroku", "str", "", "Folder of the generated tree; empty: one in the gate's cache."),
    ("heroku_api_url", "heroku", "str", "https://api.heroku.com", "The platform's API."),
    ("heroku_git_url", "heroku", "str", "", "Repository that is pushed to; empty: https://git.heroku.com/APP.git."),
    ("elastic_beanstalk_application", "elastic_beanstalk", "str", "", "The application at AWS; empty: app_name."),
    ("elastic_beanstalk_environment", "elastic_beanstalk", "str", "", "Its environment; empty: app_name."),
    ("elastic_beanstalk_region", "elastic_beanstalk", "str", "", "AWS region; empty: AWS_REGION of the controller."),
    (
        "elastic_beanstalk_platform",
        "elastic_beanstalk",
        "str",
        "",
        "Platform branch; empty: Python X.Y running on 64bit Amazon Linux 2023.",
    ),
    ("elastic_beanstalk_instances", "elastic_beanstalk", "int", 1, "Instances; more than 1: behind a load balancer."),
    ("elastic_beanstalk_instance_type", "elastic_beanstalk", "str", "t3.small", "Their type."),
    (
        "elastic_beanstalk_options",
        "elastic_beanstalk",
        "dict",
        {},
        "Further settings: namespace -> option -> value, over those of the role.",
    ),
    (
        "elastic_beanstalk_database",
        "elastic_beanstalk",
        "str",
        "",
        "Class of an RDS instance for the app, such as db.t4g.micro; empty: none.",
    ),
    ("elastic_beanstalk_database_gb", "elastic_beanstalk", "int", 20, "Its storage."),
    (
        "elastic_beanstalk_database_url",
        "elastic_beanstalk",
        "str",
        "",
        "Secret. DATABASE_URL of another database, kept where the environment finds it.",
    ),
    ("elastic_beanstalk_state", "elastic_beanstalk", "str", "present", "absent, with app_delete_data, deletes all."),
    ("elastic_beanstalk_rollback", "elastic_beanstalk", "str", "", "Version label to go back to, or previous."),
    ("elastic_beanstalk_tree", "elastic_beanstalk", "str", "", "Folder of the generated tree; empty: in the cache."),
)
