# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases: one after the other, each with its release phase, and then new dynos."""

from __future__ import annotations

import threading

from . import dynos
from .processes import Running
from .world import LOCK, Account, App, Kind, Release, Slug, World

PHASE = "release"


def create(
    app: App, user: Account, description: str, *, slug: Slug | None = None, config: dict[str, str] | None = None
) -> Release:
    """The next release; what is not said is as in the current one. The release phase goes on by itself."""
    with LOCK:
        release = _append(app, user, description, slug)
        if config is not None:
            app.config = config
        release.config = dict(app.config)
        release.has_phase = bool(release.slug and PHASE in release.slug.types)
        if not release.has_phase:
            _deploy(app, release)
            return release
    threading.Thread(target=_phase, args=(app, release), daemon=True).start()
    return release


def back(world: World, app: App, user: Account, target: Release) -> Release:
    """Code and config vars of an earlier release; what add-ons own stays as it is."""
    owned = {name: value for name, value in app.config.items() if name in app.owned}
    kept = {name: value for name, value in target.config.items() if name not in app.owned}
    return create(app, user, f"Rollback to v{target.version}", slug=target.slug, config=kept | owned)


def _append(app: App, user: Account, description: str, slug: Slug | None) -> Release:
    newest = app.releases[-1] if app.releases else None
    taken = slug or (app.current.slug if newest else None)
    release = Release(newest.version + 1 if newest else 1, description, taken, {}, user)
    app.releases.append(release)
    said = f"Release v{release.version} created by user {user.email}"
    app.log.add("app", "api", f"{description} by user {user.email}")
    app.log.add("app", "api", said)
    return release


def _phase(app: App, release: Release) -> None:
    """The release process, in a dyno of its own. Two releases never run theirs together."""
    assert release.slug
    with app.phase:
        name, command = f"release.{1000 + release.version}", release.slug.types[PHASE]
        app.log.add("heroku", name, f"Starting process with command `{command}`")

        def hear(line: str) -> None:
            release.output += f"{line}\n"
            app.log.add("app", name, line)

        running = Running(release.slug, release.config, name, command)
        running.hear(hear)
        status = running.process.wait()
        running.end()
        app.log.add("heroku", name, f"Process exited with status {status}")
        with LOCK:
            if status or app.gone:
                release.status = "failed"
                app.log.add("heroku", "release", f"Release command failed for v{release.version}")
            else:
                _deploy(app, release)
        release.done.set()


def _deploy(app: App, release: Release) -> None:
    release.status = "succeeded"
    if release.slug:
        had = dict(app.formation)
        first = not had
        app.formation = {
            name: had.get(name) or Kind(1 if first and name == "web" else 0) for name in sorted(release.slug.types)
        }
        dynos.restart(app)


def ended(release: Release) -> None:
    """Wait until it is no longer pending."""
    release.done.wait()
