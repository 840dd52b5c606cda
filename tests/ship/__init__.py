# SPDX-License-Identifier: GPL-3.0-or-later
"""Shipping to real hosts, over SSH, as a user does: commits of the bundled blog in a repository of their own.

    ground("mine", 2)            hosts, inventory, gate cache and key of one's own -> Ground
    ground.project.commit(...)   another commit of the blog
    ground.play("deploy")        a run of a playbook -> Run
    Probe(ground.url)            somebody who keeps asking meanwhile
    inside.*                     what a host looks like from within

SLIPWAY_KEEP=NAME, for writing tests: hosts of one's own, which stay up when the tests end, with all that belongs to
them in a folder of that name, and are taken as they are when the next tests start.
"""
