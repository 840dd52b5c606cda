# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands for the command line."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import with_appcontext
from flask_migrate import upgrade

from webapp import sample


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


def init_app(app: Flask) -> None:
    app.cli.add_command(createdb)
