# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.identity import (
    AppFile,
    Recipe,
    Setting,
    activation_id,
    canonical,
    release_id,
    venv_key,
)

SALT = b"of this host"
FILE = AppFile("config.py", "KEY = 1")
RECIPE = Recipe("c" * 40, "a" * 64, "b" * 64, "3.11", "wsgi:app", (FILE,), ("make",), ("uploads",))
SETTING = Setting({"A": "1", "TOKEN": "hunter2"}, ("init",), ("migrate",), "/", "localhost")

WORDS = st.text("ab", max_size=2)
LISTS = st.lists(WORDS, max_size=2).map(tuple)
PROGRAMS = st.dictionaries(WORDS, WORDS, max_size=2)
FILES = st.lists(st.builds(AppFile, WORDS, WORDS, st.booleans(), st.sampled_from(["0644", "0755"])), max_size=2)
RECIPES = st.builds(
    Recipe, st.just("c" * 40), *[WORDS] * 4, FILES.map(tuple), LISTS, LISTS.map(sorted).map(tuple), st.booleans()
)
SETTINGS = st.builds(Setting, st.dictionaries(WORDS, WORDS, max_size=2), LISTS, LISTS, WORDS, WORDS, PROGRAMS)


def same_files(one: Recipe, other: Recipe) -> bool:
    return sorted(map(str, map(vars, one.files))) == sorted(map(str, map(vars, other.files)))


@given(RECIPES, RECIPES)
def test_releases_have_the_same_name_exactly_when_they_are_made_of_the_same(one, other):
    alike = same_files(one, other) and replace(one, files=()) == replace(other, files=())
    assert (release_id(one, SALT) == release_id(other, SALT)) is alike


@given(SETTINGS, SETTINGS)
def test_activations_have_the_same_name_exactly_when_their_settings_are_the_same(one, other):
    assert (activation_id("r", one, SALT) == activation_id("r", other, SALT)) is (one == other)


@pytest.mark.parametrize(
    "change",
    [
        {"commit": "d" * 40},
        {"artifact": "f" * 64},
        {"lock": "f" * 64},
        {"python": "3.13"},
        {"wsgi": "wsgi:create_app()"},
        {"files": ()},
        {"files": (replace(FILE, path="other.py"),)},
        {"files": (replace(FILE, content="KEY = 2"),)},
        {"files": (replace(FILE, secret=True),)},
        {"files": (replace(FILE, mode="0755"),)},
        {"build_commands": ()},
        {"build_commands": ("make", "make")},
        {"shared": ()},
    ],
)
def test_every_part_of_a_release_is_in_its_name(change):
    assert release_id(replace(RECIPE, **change), SALT) != release_id(RECIPE, SALT)


@pytest.mark.parametrize(
    "change",
    [
        {"environment": {"A": "1"}},
        {"environment": {"A": "1", "TOKEN": "hunter3"}},
        {"init_commands": ()},
        {"migrate_commands": ()},
        {"health_path": "/healthz"},
        {"host": "blog.example"},
    ],
)
def test_every_part_of_a_setting_is_in_the_name_of_the_activation(change):
    assert activation_id("r", replace(SETTING, **change), SALT) != activation_id("r", SETTING, SALT)


def test_the_order_in_which_a_user_writes_things_is_not_in_a_name():
    files = (FILE, AppFile("a.py", "1"))
    written = replace(RECIPE, files=files, shared=("a", "b"))
    turned = replace(RECIPE, files=files[::-1], shared=("b", "a"))
    assert release_id(written, SALT) == release_id(turned, SALT)
    turned_setting = replace(SETTING, environment=dict(reversed(SETTING.environment.items())))
    assert activation_id("r", turned_setting, SALT) == activation_id("r", SETTING, SALT)


def test_names_can_be_read():
    release = release_id(RECIPE, SALT)
    assert release.startswith("c" * 12 + "-")
    assert activation_id(release, SETTING, SALT).startswith(release + ".")
    assert venv_key("0123456789abcdef0123", "3.11") == "3.11-0123456789abcdef"


def test_without_the_salt_nobody_can_try_out_guesses():
    secret = replace(RECIPE, files=(AppFile("key", "hunter2", secret=True),))
    assert release_id(secret, b"one") != release_id(secret, b"two")
    assert activation_id("r", SETTING, b"one") != activation_id("r", SETTING, b"two")
    guess = hashlib.sha256(canonical(dict(SETTING.environment)).encode()).hexdigest()
    assert guess[:8] not in activation_id("r", SETTING, SALT)


def test_no_secret_is_in_a_name_or_a_representation():
    secret = replace(RECIPE, files=(AppFile("key", "hunter2", secret=True),))
    shown = [repr(secret), repr(SETTING), str(secret), release_id(secret, SALT), activation_id("r", SETTING, SALT)]
    assert "hunter2" not in " ".join(shown)


def test_equal_values_are_spelt_alike():
    assert canonical({"b": 1, "a": "é"}) == '{"a":"\\u00e9","b":1}'
