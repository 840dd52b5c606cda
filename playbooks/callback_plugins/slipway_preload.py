# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible loads what lies beside a playbook: so runs of ours are quick whatever an ansible.cfg says."""

from __future__ import annotations

from ansible_collections.slipway.flask.plugins.callback.preload import CallbackModule

__all__ = ["CallbackModule"]
