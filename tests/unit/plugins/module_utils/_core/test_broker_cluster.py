# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.slipway.flask.plugins.module_utils._core.broker_cluster import judge

ABC = ["rabbit@a", "rabbit@b", "rabbit@c"]
THREE = {host: {"hostname": host, "cluster": ABC} for host in "abc"}


def test_brokers_that_know_each_other_are_well() -> None:
    assert judge(THREE, {}, set_up=True) == {"a": [], "b": [], "c": []}
    # new ones, of which none has been asked to join anything
    fresh = {host: {"hostname": host, "cluster": []} for host in "abc"}
    assert judge(fresh, {}, set_up=True) == judge({"a": {"bare": True}}, {}, set_up=True) | {"a": [], "b": [], "c": []}


def test_a_node_that_the_inventory_does_not_know_is_said_before_anything_changes() -> None:
    one = {"a": THREE["a"], "b": THREE["b"]}
    (problem,) = judge(one, {}, set_up=False)["a"]
    assert "knows rabbit@c" in problem and "group retired" in problem
    assert problem.endswith("type on a: rabbitmqctl forget_cluster_node rabbit@c")
    assert judge(one, {"c": THREE["c"]}, set_up=False) == {"a": [], "b": []}


def test_a_deploy_says_that_it_does_not_change_the_cluster() -> None:
    grown = {"a": {"hostname": "a", "cluster": ["rabbit@a"]}, "b": {"hostname": "b", "cluster": []}}
    (problem,) = judge(grown, {}, set_up=True)["a"]
    assert problem.startswith("It forms no cluster with rabbit@b yet") and "slipway.flask.site" in problem
    assert judge(grown, {}, set_up=False) == {"a": [], "b": []}


def test_of_a_part_of_the_brokers_nothing_is_said() -> None:
    assert judge({"a": THREE["a"], "b": {}, "c": {}}, {}, set_up=True) == {}


def test_two_of_one_name_are_said() -> None:
    twins = {"a": {"hostname": "mq", "cluster": []}, "b": {"hostname": "mq", "cluster": []}}
    assert judge(twins, {}, set_up=False)["a"] == [
        "It calls itself mq, and so does b. Give one of them another hostname."
    ]
