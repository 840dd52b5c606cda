# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
import json
from unittest import mock

from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import websocket_connect

from tests.base import WebTestCase
from webapp import live
from webapp.database import db

PATIENCE = 10


class LiveTest(WebTestCase):
    """A page is told of comments, whoever wrote them down."""

    def setUp(self) -> None:
        super().setUp()
        self.enterContext(mock.patch.object(live, "PAUSE_SECONDS", 0.02))
        engine = db.engine
        self.enterContext(mock.patch.object(live, "watch", live.Watch(lambda: engine)))
        self.ada = self.user("ada")

    def test_a_page_is_told_of_each_new_comment_on_its_post(self) -> None:
        post, other = self.post(self.ada, "Hello"), self.post(self.ada, "Another")

        async def page() -> None:
            socket, port = bind_unused_port()
            server = HTTPServer(Application(live.handlers))
            server.add_socket(socket)
            client = await websocket_connect(f"ws://127.0.0.1:{port}/posts/{post.id}/live")
            self.assertEqual(await self.next(client), 0)
            self.comment(other, self.ada)
            added = self.comment(post, self.ada)
            self.assertEqual(await self.next(client), added.id)
            client.close()
            server.stop()

        asyncio.run(page())

    @staticmethod
    async def next(client: object) -> int:
        message = await asyncio.wait_for(client.read_message(), PATIENCE)
        return json.loads(message)["newest"]
