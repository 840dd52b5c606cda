# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of an inventory: known ones pass, slips are problems, strangers are one warning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.app_rules import RULES as APP_RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.backup import RULES as BACKUP_RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.base import RULES as BASE_RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.broker import RULES as BROKER_RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.celery import RULES as CELERY_RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.database import RULES as DATABASE_RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.maintenance import RULES as MAINTENANCE_RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.nearness import distance
from ansible_collections.slipway.flask.plugins.module_utils._core.notify import RULES as NOTIFY_RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.platform_rules import RULES as PLATFORM_RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.policy import RULES as POLICY_RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.servers import RULES as SERVER_RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.tls import RULES as TLS_RULES
from ansible_collections.slipway.flask.plugins.module_utils._core.variables import VARIABLES
from ansible_collections.slipway.flask.plugins.module_utils._core.vocabulary import judge_names

RULES = {
    "app": APP_RULES,
    "base": BASE_RULES,
    "platform": PLATFORM_RULES,
    "policy": POLICY_RULES,
    "notify": NOTIFY_RULES,
    "maintenance": MAINTENANCE_RULES,
    "servers": SERVER_RULES,
    "tls": TLS_RULES,
    "database": DATABASE_RULES,
    "broker": BROKER_RULES,
    "celery": CELERY_RULES,
    "backup": BACKUP_RULES,
}
ALPHABET = "abcdefghijklmnopqrstuvwxyz_"


def test_every_name_has_a_rule_and_every_rule_a_name() -> None:
    assert set(VARIABLES) == set().union(*RULES.values())


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_every_default_is_allowed(rules: dict[str, object]) -> None:
    wrong = [list(rule(name, VARIABLES[name].default)) for name, rule in rules.items() if VARIABLES[name].default]  # type: ignore[operator]
    assert not any(wrong)


def test_known_names_are_silent() -> None:
    assert judge_names(VARIABLES) == ([], [])
    assert judge_names(["ansible_host", "inventory_dir", "apt_packages", "deployment", "nginx_workers"]) == (
        [],
        [],
    )


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("app_enviroment", "app_environment"),
        ("app_secret", "app_secrets"),
        ("app_naem", "app_name"),
        ("app_verison", "app_version"),
        ("app_healthpath", "app_health_path"),
        ("appname", "app_name"),
        ("App_Name", "app_name"),
        ("deploy_waves", "deploy_wave"),
        ("gate_singers", "gate_signers"),
        ("notify_web_hook", "notify_webhook"),
        ("notify_mails", "notify_mail"),
        ("site_maintenance_exempts", "site_maintenance_exempt"),
        ("app_program", "app_programs"),
    ],
)
def test_a_slip_is_a_problem_with_what_was_meant(slip: str, meant: str) -> None:
    problems, warnings = judge_names([slip])
    assert problems == [f"{slip} is no variable of slipway.flask. Did you mean {meant}? Write: {meant}: ..."]
    assert not warnings


def test_strangers_are_one_warning() -> None:
    problems, (warning,) = judge_names(["app_logo", "app_host", "app_theme_color", "deploy_user_home", "gate_color"])
    assert not problems
    assert "app_host, app_logo, app_theme_color" in warning


@given(st.sampled_from(sorted(VARIABLES)), st.data())
def test_one_edit_away_from_a_known_name_never_passes(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(name.index("_") + 1, len(name)))
    cut = data.draw(st.integers(0, 1))
    slip = name[:at] + data.draw(st.sampled_from(["", *ALPHABET])) + name[at + cut :]
    if slip not in VARIABLES and distance(slip, name) == 1:
        problems, _warnings = judge_names([slip])
        assert "Did you mean" in problems[0]


@given(st.lists(st.text(ALPHABET, min_size=1, max_size=20)))
def test_every_name_is_judged_without_falling_over(names: list[str]) -> None:
    _problems, warnings = judge_names(names)
    assert len(warnings) <= 1
