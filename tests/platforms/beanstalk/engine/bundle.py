# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a bundle: files, .ebextensions, hooks and Procfile. What is not modelled is an error, and no silence."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Option = tuple[str, str]
MODELLED = {"option_settings", "container_commands"}


class BundleError(Exception):
    """The bundle cannot be what it is meant to be."""


@dataclass(frozen=True)
class Command:
    name: str
    command: str | list[str]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = ""
    test: str = ""
    leader_only: bool = False
    ignore_errors: bool = False


def unpack(content: bytes, folder: Path) -> None:
    """With the permissions that the archive has; hooks are executable in any case, as on the platform."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as error:
        raise BundleError(f"The source bundle is no zip archive: {error}") from None
    for row in archive.infolist():
        path = Path(archive.extract(row, folder))
        if mode := row.external_attr >> 16 & 0o777:
            path.chmod(mode | 0o400)
    for hook in folder.glob(".platform/*/*/*"):
        hook.chmod(hook.stat().st_mode | 0o111)


def extensions(folder: Path) -> list[Mapping[str, Any]]:
    """The files of .ebextensions in the order of their names."""
    found = []
    for path in sorted(folder.glob(".ebextensions/*.config")):
        try:
            content = yaml.safe_load(path.read_text()) or {}
        except yaml.YAMLError as error:
            raise BundleError(f"Invalid configuration file .ebextensions/{path.name}: {error}") from None
        if strange := sorted(set(content) - MODELLED):
            raise BundleError(f".ebextensions/{path.name}: this stand-in does not know {', '.join(strange)}.")
        found.append(content)
    return found


def options(folder: Path) -> dict[Option, str]:
    """Both forms in which option_settings can be written."""
    found: dict[Option, str] = {}
    for content in extensions(folder):
        rows = content.get("option_settings") or {}
        if isinstance(rows, list):
            found |= {(row["namespace"], row["option_name"]): _text(row["value"]) for row in rows}
        else:
            found |= {(space, name): _text(value) for space, own in rows.items() for name, value in own.items()}
    return found


def commands(folder: Path) -> list[Command]:
    """Of all files together, in the order of their names."""
    rows: dict[str, Mapping[str, Any]] = {}
    for content in extensions(folder):
        rows |= content.get("container_commands") or {}
    return [_command(name, row) for name, row in sorted(rows.items())]


def _command(name: str, row: Mapping[str, Any]) -> Command:
    return Command(
        name,
        row["command"],
        {key: _text(value) for key, value in (row.get("env") or {}).items()},
        row.get("cwd", ""),
        row.get("test", ""),
        bool(row.get("leader_only")),
        bool(row.get("ignoreErrors")),
    )


def hooks(folder: Path, kind: str, moment: str) -> Iterator[Path]:
    """The files of .platform/KIND/MOMENT in the order of their names."""
    yield from sorted(path for path in folder.glob(f".platform/{kind}/{moment}/*") if path.is_file())


def processes(folder: Path) -> dict[str, str]:
    path = folder / "Procfile"
    if not path.exists():
        raise BundleError("There is no Procfile, and this stand-in does not start a server of its own choice.")
    rows = [line.partition(":") for line in path.read_text().splitlines() if line.strip() and line[0] != "#"]
    found = {name.strip(): command.strip() for name, _, command in rows}
    if "web" not in found:
        raise BundleError("The Procfile has no process web, which nginx would hand requests to.")
    return found


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
