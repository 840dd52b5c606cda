# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible loads what lies beside a playbook: so notices need nothing in anybody's ansible.cfg."""

from __future__ import annotations

from ansible_collections.slipway.flask.plugins.callback.notify import CallbackModule

__all__ = ["CallbackModule"]
