# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Words as Python, SQLite, pip and compilers say them, and what a person has to set then."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.advice import advise

RELEASE = "/srv/shop/releases/1f3a-5a1c/source"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (f"PermissionError: [Errno 13] Permission denied: '{RELEASE}/instance/a.db'", "app_shared: [instance]"),
        ("PermissionError: [Errno 13] Permission denied: '.data'", "The app may not write .data: the code"),
        ("PermissionError: [Errno 13] Permission denied: 'logs/app.log'", "write app_shared: [logs]"),
        ("OSError: [Errno 30] Read-only file system: '/etc/app'", "may not write /etc/app: it may write to its shared"),
        ("sqlite3.OperationalError: unable to open database file", "Write the folder of the database into app_shared"),
        ("OperationalError: attempt to write a readonly database", "DATABASE_URL"),
        ("PackageNotFoundError: No package metadata was found for shop", "app_install_project: true"),
        ("ModuleNotFoundError: No module named 'shop.views'", "When shop.views is a package"),
        ("error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory", "Write base_build_tools: true,"),
        ("unable to execute 'gcc': No such file or directory", "base_build_tools: true"),
        ("src/x.c:3:10: fatal error: Python.h: No such file or directory", "there is no compiler. Write base_build"),
        ("fatal error: ldap.h: No such file or directory", "wants ldap.h. Write the Debian package that has it into"),
        ("Error: pg_config executable not found.", "wants pg_config."),
        ("sh: 1: xslt-config: not found", "wants xslt-config."),
        ("/bin/sh: 1: pkg-config: not found", "base_build_tools: true"),
    ],
)
def test_known_words_come_with_what_to_set(words, said):
    text, _, advice = advise(words).partition("\n")
    assert text == words
    assert said in advice


@given(st.text("abc \n"))
def test_unknown_words_stay_as_they_are(words):
    assert advise(words) == words
