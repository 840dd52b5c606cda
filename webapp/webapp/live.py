# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells pages that there is a new comment, where the server is Tornado (``tornado_handlers: webapp.live:handlers``).

Comments may be written in another process or on another host, so the database is asked: once a second for all pages
that this process has open, and not at all when there are none.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
from collections.abc import Callable

from sqlalchemy import Engine, create_engine, event, func, select
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from webapp.config import ProdConfig
from webapp.database import prepare_sqlite
from webapp.models import Comment

PAUSE_SECONDS = 1.0
log = logging.getLogger(__name__)


class Watch:
    """The pages that are open, and what each of them was told last."""

    def __init__(self, connect: Callable[[], Engine]) -> None:
        self._engine = functools.cache(connect)
        self._told: dict[Live, int | None] = {}
        self._looking: asyncio.Task[None] | None = None

    def add(self, page: Live) -> None:
        self._told[page] = None
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())

    def discard(self, page: Live) -> None:
        self._told.pop(page, None)

    def newest(self, posts: set[int]) -> dict[int, int]:
        """The number of the last comment on each of these posts that has one."""
        query = select(Comment.post_id, func.max(Comment.id)).where(Comment.post_id.in_(posts))
        with self._engine().connect() as connection:
            return dict(connection.execute(query.group_by(Comment.post_id)).all())

    async def _look(self) -> None:
        try:
            while self._told:
                try:
                    await self._tell(await asyncio.to_thread(self.newest, {page.post for page in self._told}))
                except Exception:  # whatever it is, it must not silence all other pages
                    log.exception("The database does not say whether there are new comments")
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._looking = None

    async def _tell(self, newest: dict[int, int]) -> None:
        for page, told in list(self._told.items()):
            now = newest.get(page.post, 0)
            if now != told and page in self._told:
                self._told[page] = now
                with contextlib.suppress(WebSocketClosedError):
                    await page.write_message({"newest": now})


class Live(WebSocketHandler):
    """A page with a post, open in a browser."""

    def open(self, post: str) -> None:
        self.post = int(post)
        watch.add(self)

    def on_close(self) -> None:
        watch.discard(self)


def engine() -> Engine:
    found = create_engine(ProdConfig(os.environ).SQLALCHEMY_DATABASE_URI)
    if found.dialect.name == "sqlite":
        event.listen(found, "connect", prepare_sqlite)
    return found


watch = Watch(engine)
handlers = [(r"/posts/([0-9]{1,9})/live", Live)]
