# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The application of a slot that stands in for others: loaded at once, and served when the deploy has admitted it.

A server loads this file in place of the shim of the release (launch.py). It keeps a server waiting that has loaded the
application and accepts nobody yet. A deploy that ends, or is killed, before it has decided admits nobody.
"""

from __future__ import annotations

import fcntl
import os

with open(os.environ["SLIPWAY_STANDS_FOR"], encoding="utf-8") as _shim:
    exec(compile(_shim.read(), _shim.name, "exec"))

with open(os.environ["SLIPWAY_STAND_IN"], encoding="utf-8") as _decision:
    fcntl.flock(_decision, fcntl.LOCK_SH)
    if _decision.read() != os.environ["SLIPWAY_GENERATION"].partition("/")[0] + " admitted":
        raise RuntimeError("This release was not taken live.")
