# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one exception of the collection that is meant for a person to read."""

from __future__ import annotations


class SlipwayError(Exception):
    """Something a person has to know: what is wrong, the value that was seen, what to type next."""
