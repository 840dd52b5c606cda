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
from ansible_collections.slipway.flask.plugins.module_utils._core.fronts import FRONTS
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout
from ansible_collections.slipway.flask.plugins.module_utils._core.lock import Run
from ansible_collections.slipway.flask.plugins.module_utils._host import app as apps
from ansible_collections.slipway.flask.plugins.module_utils._host import locking, state
from ansible_collections.slipway.flask.plugins.module_utils._host.certificates import certificates
from ansible_collections.slipway.flask.plugins.module_utils._host.unit import must

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
        yield f"stop {unit.name}", partial(must, ["systemctl", "disable", "--now", unit.name])
        yield f"remove {unit}", partial(_delete, unit)
        yield "let systemd forget it", partial(must, ["systemctl", "daemon-reload"])
    if lineage(layout.name) in certificates():
        argv = ["certbot", "delete", "--non-interactive", "--cert-name", lineage(layout.name)]
        yield f"delete the certificate {lineage(layout.name)}", partial(must, argv)
    for path in _paths(layout, data):
        yield f"remove {path}", partial(_delete, path)
    for name in (user, f"build-{layout.name}") if data else (f"build-{layout.name}",):
        if _is_known(name):
            yield f"remove the account {name}", partial(must, ["userdel", name])
    if Path(layout.config).exists():
        yield f"remove {layout.config}", partial(_delete, Path(layout.config))


def _paths(layout: Layout, data: bool) -> list[Path]:
    """Those that are there. The app's root goes when it is empty: somebody else may have put something there."""
    root = Path(layout.root)
    code = [layout.current, layout.candidate, layout.activations, layout.releases, layout.venvs, layout.incoming]
    stored = [layout.shared, layout.root / "home"] if data else []
    ours = [Path(kind, f"slipway-{layout.name}.conf") for kind in ("/etc/sysusers.d", "/etc/tmpfiles.d")]
    logs = [path for front in FRONTS.values() for path in Path(front.logs).glob(f"{layout.name}.*.log*")]
    rest = [layout.log, Path("/var/cache/slipway", layout.name), layout.state]
    found = [Path(path) for path in (*code, *stored, *ours, *logs, *rest) if os.path.lexists(path)]
    left = set(root.iterdir()) - set(found) if root.is_dir() else {root}
    return found if left else [*found, root]


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _is_known(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except KeyError:
        return False
    return True
