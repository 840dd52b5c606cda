# SPDX-License-Identifier: GPL-3.0-or-later
"""What the harness types and writes, without Docker."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
import yaml

from tests.hosts import Host, HostsError, HostSet, docker, images, inventory, keys, machine

ONE = Host("a-1", "slipway-a-1", "root", 12, {22: 2201, 80: 8080, 443: 8443})
TWO = Host("a-2", "slipway-a-2", "root", 12, {22: 2202, 80: 8081, 443: 8444})
SET = HostSet("a", count=2, groups={"nginx_uwsgi": (), "databases": (2,)})


def test_ports_stay_on_this_machine_and_are_fixed() -> None:
    argv = docker.create_argv("slipway-a-1", "a-1", "image", {22: 2201}, {"slipway.set": "a"})
    assert "--publish=127.0.0.1:2201:22" in argv
    assert "--label=slipway.set=a" in argv
    assert argv[-1] == "image"
    assert "--privileged" not in argv


def test_image_is_named_by_its_recipe() -> None:
    recipe = images.Recipe(12, ("deb http://a.example bookworm main",), ())
    other = images.Recipe(12, ("deb http://b.example bookworm main",), ())
    assert recipe.tag == images.Recipe(12, recipe.sources, ()).tag != other.tag
    assert images.mmdebstrap_argv(recipe, Path("/x.tar"))[-3:] == ["bookworm", "/x.tar", *recipe.sources]


def test_image_is_bare() -> None:
    assert not [package for package in images.PACKAGES if "python" in package]


def test_proxy_of_apt() -> None:
    dump = 'Acquire::http::Proxy "http://proxy.example:3142";\nAcquire::Languages "none";\nAcquire::https::Proxy "";\n'
    assert images.proxy_options(dump) == ('Acquire::http::Proxy "http://proxy.example:3142"',)


def test_inventory() -> None:
    written = yaml.safe_load(inventory.yaml(inventory.hosts(SET, [ONE, TWO])))
    assert written["all"]["hosts"]["a-2"] == {"ansible_host": "127.0.0.1", "ansible_port": 2202}
    assert written["all"]["children"] == {
        "nginx_uwsgi": {"hosts": {"a-1": {}, "a-2": {}}},
        "databases": {"hosts": {"a-2": {}}},
        "web": {"children": {"nginx_uwsgi": {}}},
    }


def test_inventory_of_a_host_that_is_not_there() -> None:
    with pytest.raises(HostsError, match="databases"):
        inventory.hosts(HostSet("a", groups={"databases": (2,)}), [ONE])


def test_yaml_keeps_every_value() -> None:
    data = {"a": {"b": "x: 'y' \"z\" # {{ no }}", "c": {}}, "d": ["1", "ü\n"], "e": 1, "f": True, "g": []}
    assert yaml.safe_load(inventory.yaml(data)) == data


def test_host_keys_are_checked() -> None:
    variables = inventory.connection(SET, Path("/k"), Path("/known"))
    assert "StrictHostKeyChecking" not in str(variables)
    assert keys.known_hosts([(ONE, "ssh-ed25519 AAAA comment")]) == "[127.0.0.1]:2201 ssh-ed25519 AAAA\n"


@pytest.mark.parametrize("login", ["root", "sudo"])
def test_only_the_wanted_login_is_let_in(login: str) -> None:
    wanted = HostSet("a", login="root" if login == "root" else "sudo")
    with tarfile.open(fileobj=io.BytesIO(keys.archive(keys.first_files(wanted, "KEY", "PRIVATE")))) as tar:
        modes = {entry.name: entry.mode for entry in tar}
    assert modes["etc/ssh/ssh_host_ed25519_key"] == 0o600
    assert ("root/.ssh/authorized_keys" in modes) is (login == "root")
    assert ("etc/ssh/sshd_config.d/10-login.conf" in modes) is (login == "sudo")


def test_machine_hands_on_its_index_and_proxies() -> None:
    given = {"https_proxy": "http://proxy.example:3128", "HOME": "/root", "http_proxy": ""}
    assert machine.download_environment(given, "https://index.example/simple") == {
        "https_proxy": "http://proxy.example:3128",
        "PIP_INDEX_URL": "https://index.example/simple",
        "UV_DEFAULT_INDEX": "https://index.example/simple",
    }
    assert machine.download_environment({}, "") == {}
