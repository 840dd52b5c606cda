# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from xml.etree import ElementTree

from tests.base import WebTestCase

ATOM = "{http://www.w3.org/2005/Atom}"


class FeedTest(WebTestCase):
    def test_is_well_formed_with_and_without_posts(self) -> None:
        for entries in (0, 1):
            response = self.client.get("/feed.xml")
            self.assertEqual(response.mimetype, "application/atom+xml")
            feed = ElementTree.fromstring(response.data)
            self.assertEqual(len(feed.findall(f"{ATOM}entry")), entries)
            self.post(self.user(f"ada{entries}"), "Fish & <chips>")
        self.assertEqual(feed.findtext(f"{ATOM}entry/{ATOM}title"), "Fish & <chips>")
