# SPDX-License-Identifier: GPL-3.0-or-later
"""What a WSGI server serves: ``wsgi:app``."""

from __future__ import annotations

from webapp import create_app

app = create_app("webapp.config.ProdConfig")
