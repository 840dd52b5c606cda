# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's own loader finds the collection for tests as it does for runs, whichever test imports it first."""

from ansible.plugins.loader import init_plugin_loader
from hypothesis import HealthCheck, settings

init_plugin_loader()
# how long an example takes is a matter of the machine and of what else runs on it
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
# make check takes few examples of each property; make test takes Hypothesis's own number
settings.register_profile("quick", settings.get_profile("any machine"), max_examples=25)
