# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core.app import DescriptionError
from ansible_collections.slipway.flask.plugins.module_utils._core.platform import Dynos, Platforms, settle


def platforms(**given: object) -> Platforms:
    return settle(given, "blog")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("platform_celery", "perhaps", "write auto, true or false"),
        ("heroku_app", "My Blog", "write 3 to 30 of a-z, 0-9 and -"),
        ("heroku_stack", "latest", "write the name of a stack, such as heroku-24"),
        ("heroku_addons", ["postgres"], "write SERVICE:PLAN"),
        ("heroku_formation", {"web": "many"}, "write a whole number"),
        ("heroku_formation", {"web": {"size": "basic"}}, "heroku_formation.web has no quantity"),
        ("heroku_formation", {"web": {"quantity": 1, "sise": "basic"}}, "Did you mean size"),
        ("heroku_rollback", "12", "write previous, or a release such as v12"),
        ("heroku_api_url", "api.heroku.com", "write a URL"),
        ("elastic_beanstalk_region", "europe", "write a region, such as eu-central-1"),
        ("elastic_beanstalk_environment", "web", "write 4 to 40 letters, digits and dashes"),
        ("elastic_beanstalk_instances", 0, "write a whole number, 1 or more"),
        ("elastic_beanstalk_database", "micro", "write a class, such as db.t4g.micro"),
        ("elastic_beanstalk_options", {"aws:x": {"A": ["b"]}}, "write one value"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_write(name: str, value: object, said: str) -> None:
    with pytest.raises(DescriptionError) as caught:
        platforms(**{name: value})
    assert name in str(caught.value) and said in str(caught.value)


def test_names_are_the_apps_where_nobody_says_others() -> None:
    found = platforms()
    assert (found.heroku.name, found.beanstalk.application, found.beanstalk.environment) == ("blog", "blog", "blog")
    assert platforms(heroku_app="my-blog").heroku.name == "my-blog"


def test_dynos_are_a_number_or_more_is_said_of_them() -> None:
    found = platforms(heroku_formation={"web": "2", "celery": {"quantity": 1, "size": "standard-1x"}})
    assert found.heroku.formation == {"web": Dynos(2), "celery": Dynos(1, "standard-1x")}


def test_a_key_is_not_repeated() -> None:
    with pytest.raises(DescriptionError) as caught:
        platforms(heroku_api_key=["secret-of-mine"])
    assert "secret-of-mine" not in str(caught.value) and "secret-of-mine" not in repr(platforms(heroku_api_key="x"))
