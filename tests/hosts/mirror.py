# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine's own package mirror, read from apt's configuration, so that none is named in the project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .model import HostsError

APT = Path("/etc/apt")
CODENAMES = {12: "bookworm", 13: "trixie"}


@dataclass(frozen=True, slots=True)
class Source:
    """One suite of one archive."""

    uri: str
    suite: str


def one_line(text: str) -> Iterator[Source]:
    """Sources of a `.list` file: `deb [options] uri suite components`."""
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if words[:1] != ["deb"]:
            continue
        if len(words) > 1 and words[1].startswith("["):
            closing = next((n for n, word in enumerate(words) if word.endswith("]")), 0)
            words = words[:1] + words[closing + 1 :]
        if len(words) >= 3:
            yield Source(words[1], words[2])


def deb822(text: str) -> Iterator[Source]:
    """Sources of a `.sources` file: stanzas of fields, each field perhaps with several values."""
    for stanza in "\n".join(line for line in text.splitlines() if not line.startswith("#")).split("\n\n"):
        fields: dict[str, list[str]] = {}
        name = ""
        for line in stanza.splitlines():
            if not line.startswith((" ", "\t")):
                name, _, line = line.partition(":")
            fields.setdefault(name.strip().lower(), []).extend(line.split())
        if "deb" not in fields.get("types", []) or fields.get("enabled") == ["no"]:
            continue
        for uri in fields.get("uris", []):
            yield from (Source(uri, suite) for suite in fields.get("suites", []))


def lines_for(debian: int, sources: Iterable[Source], codename: str) -> tuple[str, ...]:
    """The `deb` lines of a host, from the sources of a machine that runs `codename`."""
    known = list(sources)
    archive = next((source.uri for source in known if source.suite == codename), None)
    security = next((source.uri for source in known if source.suite == f"{codename}-security"), None)
    if archive is None:
        raise HostsError(f"apt's configuration names no Debian archive with the suite {codename}.")
    wanted = CODENAMES[debian]
    lines = [f"deb {archive} {wanted} main", f"deb {archive} {wanted}-updates main"]
    return tuple(lines + ([f"deb {security} {wanted}-security main"] if security else []))


def read(apt: Path = APT) -> list[Source]:
    """Everything the machine's apt is configured with; a `mirror+file:` stands for the first line of its file."""
    one_lines = [apt / "sources.list", *sorted(apt.glob("sources.list.d/*.list"))]
    found = [source for path in one_lines if path.is_file() for source in one_line(path.read_text())]
    for path in sorted(apt.glob("sources.list.d/*.sources")):
        found += deb822(path.read_text())
    return [Source(_followed(source.uri), source.suite) for source in found]


def _followed(uri: str) -> str:
    if not uri.startswith("mirror+file:"):
        return uri
    lines = Path(uri.removeprefix("mirror+file:").replace("///", "/")).read_text().split()
    return lines[0] if lines else uri
