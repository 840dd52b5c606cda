# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's own loader finds the collection for tests as it does for runs, whichever test imports it first."""

from ansible.plugins.loader import init_plugin_loader
from hypothesis import settings

init_plugin_loader()
# make check takes few examples of each property; make test takes Hypothesis's own number
settings.register_profile("quick", max_examples=25)
