# SPDX-License-Identifier: GPL-3.0-or-later
"""The program of the stand-in. It runs inside a throwaway host, needs the standard library alone, and imports nothing of
the collection. What it models is written in `tests/platforms/heroku/__init__.py`."""
