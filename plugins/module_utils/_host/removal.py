# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Take an app off this host. What is here is found by looking, so a removal that was killed goes on where it was."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.certificate import lineage
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.fronts import FRONTS
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Run
from ansible_collections.slipway.flask.plugins.module_utils._host import app as apps
from ansible_collections.slipway.flask.plugins.module_utils._host import locking, state
from ansible_collections.slipway.flask.plugins.module_utils._host.certificates import CERTBOT
from ansible_collections.slipway.flask.plugins.module_utils._host.unit import UNIT_SECONDS, must

Act = tuple[str, Callable[[], object]]


def remove(layout: Layout, user: str, run: Run, data: bool, check: bool) -> list[str]:
    """What was removed, or would be; nothing when nothing is left. `data`: also what the app has stored."""
    acts = list(_acts(layout, user, data))
    if check or not acts:
        return [said for said, _act in acts]
    with contextlib.ExitStack() as held:
        app = apps.load(layout.name)
        if app is not None and Path(layout.state).is_dir():
            held.enter_context(state.exclusive(layout, lambda: locking.refuse(app, run)))
            locking.take(app, run)
        for _said, act in acts:
            act()
    return [said for said, _act in acts]


def _acts(layout: Layout, user: str, data: bool) -> Iterable[Act]:
    """In this order: nobody runs any more, then what they ran goes, and last what tells a host that it has the app."""
    unit = Path(f"/etc/systemd/system/slipway-{layout.name}.service")
    if unit.exists():
        yield f"stop {unit.name}", partial(must, ["systemctl", "disable", "--now", unit.name], UNIT_SECONDS)
        yield f"remove {unit}", partial(_forget, unit)
    for path in _paths(layout, _stored(layout, user) if data else []):
        yield f"remove {path}", partial(_delete, path)
    for name in (user, f"build-{layout.name}") if data and _is_ours(layout, user) else (f"build-{layout.name}",):
        if _is_known(name):
            yield f"remove the account {name}", partial(must, ["userdel", name])
    if Path(layout.config).exists():
        yield f"remove {layout.config}", partial(_delete, Path(layout.config))


def _paths(layout: Layout, stored: list[Path]) -> list[Path]:
    """Those that are there. The app's root goes when it is empty: somebody else may have put something there."""
    root, name = Path(layout.root), layout.name
    code = [layout.current, layout.candidate, layout.activations, layout.releases, layout.venvs, layout.incoming]
    # other tools have folders of the same names: these are ours only where the app is, and what says so goes last
    ours = [Path(path) for path in code] if (Path(layout.config) / "app.json").exists() else []
    settings = [Path(kind, f"slipway-{name}.conf") for kind in ("/etc/sysusers.d", "/etc/tmpfiles.d")]
    # certbot would not delete a certificate whose notes are gone already, because it is no longer renewed
    notes, kept = CERTBOT / "renewal" / f"{lineage(name)}.conf", (CERTBOT / kind for kind in ("live", "archive"))
    certificate = [notes, *(folder / lineage(name) for folder in kept)]
    logs = [
        path
        for front in FRONTS.values()
        for kind in ("access", "error")
        for path in sorted(Path(front.logs).glob(f"{name}.{kind}.log*"))
    ]
    rest = [Path(path) for path in (layout.log, f"/var/cache/slipway/{name}", layout.state)]
    found = [path for path in (*ours, *stored, *settings, *certificate, *logs, *rest) if os.path.lexists(path)]
    left = set(root.iterdir()) - set(found) if root.is_dir() else {root}
    return found if left else [*found, root]


def _stored(layout: Layout, user: str) -> list[Path]:
    """What the app has stored, where its account is one that we made."""
    return [Path(layout.shared), Path(layout.root) / "home"] if _is_ours(layout, user) else []


def _is_ours(layout: Layout, user: str) -> bool:
    return _is_known(user) and pwd.getpwnam(user).pw_dir == str(layout.root / "home")


def _delete(path: Path) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise SlipwayError(
            f"{path} cannot be removed: {error.strerror} ({error.filename}). Where that is a file system of its own,"
            " unmount it; then type the same command again."
        ) from error


def _forget(unit: Path) -> None:
    _delete(unit)
    _delete(Path(f"{unit}.d"))
    must(["systemctl", "daemon-reload"])
    # how it ended, too; as a pattern, since a unit that has not failed is no error then
    must(["systemctl", "reset-failed", f"[{unit.name[0]}]{unit.name[1:]}"])


def _is_known(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except KeyError:
        return False
    return True
