# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.migrations import (
    Revision,
    files,
    judge,
    pending,
    read,
    unknown,
)

BLOG = Path(__file__).resolve().parents[5] / "webapp"


def revision(name, after=None, title="", body="pass", down="pass", extra=""):
    return f'''"""{title}"""
from alembic import op
revision: str = "{name}"
down_revision = {after!r}
depends_on = None
{extra}

def upgrade():
    {body}

def downgrade():
    {down}
'''


def test_revisions_are_found_where_alembic_has_them():
    paths = ["app.py", "migrations/env.py", "migrations/versions/1.py", "migrations/versions/b.pyc", "versions/2.py"]
    assert files(paths) == ["migrations/versions/1.py"]
    assert files(["src/shop/db/env.py", "src/shop/db/versions/1.py"]) == ["src/shop/db/versions/1.py"]
    # several databases: nobody says which is which
    assert files(["a/env.py", "a/versions/1.py", "b/env.py", "b/versions/2.py"]) == []


def test_the_blogs_own_are_read():
    paths = files(str(path.relative_to(BLOG)) for path in BLOG.rglob("*.py"))
    found = read((BLOG / path).read_text() for path in paths)
    assert found["0001"] == Revision("0001", (), "The first schema: users, posts, tags and comments")


def test_what_is_no_revision_is_left_out():
    assert read(["", "x = (", "revision = make()", "revision = 7", "def upgrade(): pass"]) == {}


def test_what_is_pending_comes_in_its_order():
    texts = [revision("c", ("a", "b"), "Merge."), revision("b", "a", "Second"), revision("a"), revision("d", "c")]
    found = read(texts)
    assert [one.name for one in pending(found, set())] == ["a", "b", "c", "d"]
    assert [one.name for one in pending(found, {"b"})] == ["c", "d"]
    assert pending(found, {"d"}) == []
    assert found["c"].text == "c (Merge)"
    assert unknown(found, {"d", "z"}) == ["z"]


@pytest.mark.parametrize(
    ("body", "extra", "drops"),
    [
        ("op.drop_column('users', 'fax')", "", ("drop_column users.fax",)),
        ("op.drop_table('old')", "", ("drop_table old",)),
        ("gone()", "def gone():\n    op.drop_table('old')", ("drop_table old",)),
        ("op.execute('drop table  old')", "", ("drop table old",)),
        ("op.execute(sa.text('DELETE FROM users WHERE x'))", "", ("DELETE FROM users WHERE x",)),
        ("with op.batch_alter_table('users') as batch: batch.drop_column('fax')", "", ("drop_column fax",)),
        ("op.drop_index('ix_users')", "", ()),
        ("op.add_column('users', sa.Column('phone'))", "", ()),
        ("again()", "def again():\n    again()", ()),
    ],
)
def test_what_an_upgrade_takes_away_is_seen(body, extra, drops):
    (found,) = read([revision("a", body=body, extra=extra, down="op.drop_table('users')")]).values()
    assert found.drops == drops


def test_a_database_that_a_later_commit_has_migrated_is_left_alone():
    with pytest.raises(SlipwayError, match="The database is at z, which this commit does not know"):
        judge(read([revision("a")]), {"z"}, destructive=True)


def test_what_takes_something_away_wants_to_be_said():
    found = read([revision("a"), revision("b", "a", "No fax", "op.drop_column('users', 'fax')")])
    with pytest.raises(SlipwayError, match=r"for good: b \(No fax\), drop_column users.fax. .*app_migrate_destructive"):
        judge(found, {"a"}, destructive=False)
    judge(found, {"a"}, destructive=True)
    judge(found, {"b"}, destructive=False)
    # of a database that is new
    judge(found, set(), destructive=False)


@given(st.lists(st.integers(0, 30), max_size=30), st.integers(0, 30))
def test_after_an_upgrade_nothing_is_pending(parents, at):
    """Each revision builds on one that is older, whichever."""
    found = {str(n): Revision(str(n), (str(parent % n),) if n else (), "") for n, parent in enumerate(parents)}
    there = {str(at)} & set(found)
    left = pending(found, there)
    assert len({one.name for one in left}) == len(left)
    done = set(found) - {one.name for one in left}
    for one in left:
        assert set(one.after) <= done
        done.add(one.name)
    assert pending(found, set(found)) == []
