# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands for the command line."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import with_appcontext
from flask_migrate import upgrade
from kombu.exceptions import OperationalError
from sqlalchemy import select

from webapp import sample
from webapp.database import db
from webapp.models import User
from webapp.tasks import send_digests


@click.command()
@click.option("--sample", "with_sample", is_flag=True, help="Add demo content to an empty blog.")
@with_appcontext
def createdb(with_sample: bool) -> None:
    """Create the tables, or bring them up to date; does no harm when run again."""
    upgrade()
    click.echo("The schema is up to date.")
    if with_sample:
        added = sample.add()
        click.echo(f"Added {added} sample posts." if added else "There is content already.")


@click.command()
@with_appcontext
def digest() -> None:
    """Have the digest of last week sent to those who have not got it yet."""
    try:
        count = send_digests()
    except OperationalError as error:
        raise click.ClickException(f"No broker to take the digests: {error}") from error
    click.echo(f"Digests on their way: {count}. Who has one already gets no other.")


@click.command()
@click.argument("name")
@click.option("--revoke", is_flag=True, help="Take it away again.")
@with_appcontext
def grant_admin(name: str, revoke: bool) -> None:
    """Make the user NAME an administrator."""
    user = db.session.scalar(select(User).filter_by(name=name.lower()))
    if user is None:
        raise click.ClickException(f"There is no user {name}.")
    user.is_admin = not revoke
    db.session.commit()
    click.echo(f"{user.name} is {'an' if user.is_admin else 'no'} administrator now.")


def init_app(app: Flask) -> None:
    for command in (createdb, digest, grant_admin):
        app.cli.add_command(command)
