# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import unittest

from webapp.text import render, summarize


class RenderTest(unittest.TestCase):
    def test_markup_that_writers_need(self) -> None:
        html = render("# One\n\n*a* **b** `c`\n\n```sh\nls\n```\n\n> q\n\n- l\n")
        for part in ("<h2>One</h2>", "<em>a</em>", "<code>c</code>", "<blockquote>", "<li>l</li>"):
            self.assertIn(part, html)

    def test_html_is_shown_and_not_obeyed(self) -> None:
        for source in (
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<a href='javascript:alert(1)'>x</a>",
            "`<b>`",
            "```\n<script>\n```",
            "```<script>\nx\n```",
        ):
            self.assertNotRegex(render(source), r"<(script|img|b|a)\b", source)

    def test_links_cannot_run_anything(self) -> None:
        for url in ("javascript:alert(1)", "JaVaScRiPt:x", "vbscript:x", "data:text/html,x"):
            self.assertNotIn("href", render(f"[x]({url})"), url)
        self.assertNotIn("href", render("<javascript:alert(1)>"))

    def test_links_are_not_recommendations(self) -> None:
        self.assertIn('rel="nofollow ugc"', render("[x](https://example.org)"))

    def test_quotes_cannot_leave_an_attribute(self) -> None:
        html = render('[x](https://e.org/?"onmouseover="alert(1) "t\\"onfocus=\\"x")')
        self.assertNotRegex(html, r'<[^>]*"\s*on\w+="')

    def test_images_are_left_out(self) -> None:
        self.assertNotIn("<img", render("![x](https://tracker.example/x.png)"))

    def test_tables_are_aligned_without_inline_styles(self) -> None:
        html = render("|a|b|\n|---|--:|\n|1|2|\n")
        self.assertIn('<td class="align-right">2</td>', html)
        self.assertNotIn("style", html)


class SummarizeTest(unittest.TestCase):
    def test_takes_the_first_paragraph_without_its_markup(self) -> None:
        source = "# Title\n\nOne *two*\n[three](http://x.y) `four`.\n\nFive."
        self.assertEqual(summarize(source), "One two three four.")

    def test_cuts_at_a_word(self) -> None:
        summary = summarize("word " * 100, limit=50)
        self.assertLessEqual(len(summary), 50)
        self.assertTrue(summary.endswith("word…"))

    def test_text_without_a_paragraph(self) -> None:
        self.assertEqual(summarize("```\nx\n```"), "")
