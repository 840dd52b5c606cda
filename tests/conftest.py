# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's own loader finds the collection for tests as it does for runs, whichever test imports it first."""

from ansible.plugins.loader import init_plugin_loader

init_plugin_loader()
