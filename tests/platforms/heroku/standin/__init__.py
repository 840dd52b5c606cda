# SPDX-License-Identifier: GPL-3.0-or-later
"""The program of the stand-in, which runs inside a throwaway host: the standard library, nothing of the collection.
What it models is written in `tests/platforms/heroku/__init__.py`."""
