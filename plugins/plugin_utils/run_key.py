# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A secret of this run, made before Ansible forks so that all of its processes have the same.

Where nothing loads this before (the callback preload does), each process has another one, and what one was told by a
host means nothing to the next: that costs a step and nothing else.
"""

from __future__ import annotations

import secrets

KEY = secrets.token_hex(32)
