# SPDX-License-Identifier: GPL-3.0-or-later
"""README and docs as tests read them: what they tell a person to type, to write, and to trust."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROGRAM = re.compile(r"(ansible\S*|make) \S.*")


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return [match[2] for match in _BLOCK.finditer(page.read_text()) if match[1] == language]


def languages(page: Path) -> set[str]:
    return {match[1] for match in _BLOCK.finditer(page.read_text())}


def commands(page: Path) -> list[str]:
    """What a person types, a line each, without what is said beside it."""
    lines = "".join(blocks(page, "sh")).splitlines()
    return [line.partition("  #")[0].strip() for line in lines if line.strip()]


def mentioned(page: Path) -> list[str]:
    """Commands that stand within a sentence."""
    prose = _BLOCK.sub("", page.read_text())
    return [span for span in re.findall(r"`([^`\n]+)`", prose) if _PROGRAM.fullmatch(span)]
