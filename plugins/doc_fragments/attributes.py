# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module of the collection promises, said once; a module overrides the line it differs in."""

from __future__ import annotations


class ModuleDocFragment:
    # A module that changes something: use with `extends_documentation_fragment: [slipway.flask.attributes]`.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and say what it would do, without changing anything.
    support: full
  diff_mode:
    description: Shows what changes (or would change in C(check_mode)) when in diff mode.
    support: full
  idempotent:
    description: Run again with the same arguments and nothing else changed, it changes nothing.
    support: full
  platform:
    description: The systems this runs on.
    platforms: debian
    support: full
"""

    # Looks only, changes nothing: `slipway.flask.attributes.looks`.
    LOOKS = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and say what it would do, without changing anything.
    support: full
    details: It only looks, in check mode and outside of it.
  diff_mode:
    description: Shows what changes (or would change in C(check_mode)) when in diff mode.
    support: none
    details: There is nothing it could change.
  idempotent:
    description: Run again with the same arguments and nothing else changed, it changes nothing.
    support: full
  platform:
    description: The systems this runs on.
    platforms: debian
    support: full
"""

    # An action on the controller that only looks: `slipway.flask.attributes.controller`.
    CONTROLLER = r"""
options: {}
attributes:
  action:
    description: Runs on the controller and opens no connection to a host.
    support: full
  check_mode:
    description: Can run in C(check_mode) and say what it would do, without changing anything.
    support: full
    details: It only looks, in check mode and outside of it.
  diff_mode:
    description: Shows what changes (or would change in C(check_mode)) when in diff mode.
    support: none
    details: There is nothing it could change.
  idempotent:
    description: Run again with the same arguments and nothing else changed, it changes nothing.
    support: full
  platform:
    description: The systems this runs on.
    platforms: posix
    support: full
"""
