# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns what people write into HTML that is safe to show."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markupsafe import Markup


def fit_page(state: StateCore) -> None:
    """Make the tokens fit our pages."""
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            # The page's only h1 is the title of the post.
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
        if style := token.attrs.pop("style", None):
            # Alignment in tables; our Content-Security-Policy forbids inline styles.
            token.attrs["class"] = str(style).replace("text-align:", "align-")
        for child in token.children or []:
            if child.type == "link_open":
                child.attrs["rel"] = "nofollow ugc"


def markdown() -> MarkdownIt:
    """CommonMark and tables, without raw HTML.

    Images are left out: they would let writers watch readers, and our
    Content-Security-Policy would not load them.
    """
    parser = MarkdownIt("commonmark", {"html": False, "typographer": True})
    parser.enable(["table", "strikethrough", "replacements", "smartquotes"]).disable("image")
    parser.core.ruler.push("fit_page", fit_page)
    return parser


MARKDOWN = markdown()


@lru_cache(maxsize=512)
def render(source: str) -> Markup:
    """HTML for Markdown. Cached, since posts are read far more often than written."""
    return Markup(MARKDOWN.render(source))


def summarize(source: str, limit: int = 300) -> str:
    """The first paragraph as plain text, cut at a word."""
    tokens = MARKDOWN.parse(source)
    paragraphs = (inline for before, inline in pairwise(tokens) if before.type == "paragraph_open")
    inline = next(paragraphs, None)
    children = inline.children or [] if inline else []
    words = "".join(child.content or " " * child.type.endswith("break") for child in children)
    plain = " ".join(words.split())
    if len(plain) <= limit:
        return plain
    return plain[: limit - 1].rsplit(" ", 1)[0] + "…"
