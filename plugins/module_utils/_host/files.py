# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files, directories and links of this host: read one, place one so that it is there whole or not at all."""

from __future__ import annotations

import fcntl
import grp
import os
import pwd
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from ansible_collections.slipway.flask.plugins.module_utils._core.entries import Directory, File, Found, Link, Other
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.file_set import Step


def look(path: str) -> Found:
    """What stands at `path`; links are not followed, so that nobody can point us elsewhere."""
    with _named(path):
        try:
            status = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if stat.S_ISLNK(status.st_mode):
            return Link(os.readlink(path))
        mode = stat.S_IMODE(status.st_mode)
        if stat.S_ISDIR(status.st_mode):
            return Directory(_user(status.st_uid), _group(status.st_gid), mode)
        if stat.S_ISREG(status.st_mode):
            return File(read(path), _user(status.st_uid), _group(status.st_gid), mode)
        return Other()


@contextmanager
def alone(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Nobody else who asks for this is at work in `folder`: who is, is waited for."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def read(path: str) -> bytes:
    with _named(path), open(path, "rb") as file:
        return file.read()


def temporary(path: str) -> str:
    """The name a file has until it is whole: hidden, and ignored by every tool that reads a whole folder."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.dpkg-new")


def write_beside(step: Step) -> None:
    """Write the file or link of a step under its temporary name."""
    entry, path = step.after, temporary(step.path)
    with _named(step.path):
        remove(path)
        if isinstance(entry, Link):
            os.symlink(entry.target, path)
        elif isinstance(entry, File):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with open(descriptor, "wb") as file:
                file.write(entry.content)
                file.flush()
                _own(descriptor, entry)
                os.fsync(descriptor)


def put_in_place(step: Step) -> None:
    """Make the step true with one call that cannot be seen half done."""
    with _named(step.path):
        if isinstance(step.after, Directory):
            _place_directory(step.path, step.after)
        elif step.after is not None:
            os.replace(temporary(step.path), step.path)
        elif isinstance(step.before, Directory):
            os.rmdir(step.path)
        else:
            remove(step.path)


def remove(path: str) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        os.unlink(path)


def sync_folders(paths: Iterable[str]) -> None:
    """After this a power cut cannot take the new names back."""
    for folder in {os.path.dirname(path) for path in paths}:
        with suppress(FileNotFoundError, NotADirectoryError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _place_directory(path: str, wished: Directory) -> None:
    with suppress(FileExistsError):
        os.mkdir(path, 0o700)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        _own(descriptor, wished)
    finally:
        os.close(descriptor)


def _own(descriptor: int, entry: File | Directory) -> None:
    """Owner before mode: chown clears the set-user and set-group bits. Numbers come from what was found nameless."""
    try:
        user = int(entry.owner) if entry.owner.isdigit() else pwd.getpwnam(entry.owner).pw_uid
        group = int(entry.group) if entry.group.isdigit() else grp.getgrnam(entry.group).gr_gid
    except KeyError as error:
        raise SlipwayError(f"No account {entry.owner}:{entry.group} on this host ({error.args[0]}).") from None
    os.fchown(descriptor, user, group)
    os.fchmod(descriptor, entry.mode)


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


@contextmanager
def _named(path: str) -> Iterator[None]:
    """Errors of the system say what happened but not always where, nor what to do."""
    try:
        yield
    except FileNotFoundError:
        folder = os.path.dirname(path)
        raise SlipwayError(f"{path}: its folder {folder} is missing; list it too, or install what owns it.") from None
    except OSError as error:
        raise SlipwayError(f"{path}: {error.strerror}.") from error
