# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role base makes of its options."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.templates.render import evaluate, render

# what the kernel takes as one argument
LONGEST = 128 * 1024


def missing(packages: list[str] | None = None, **scenario: Any) -> list[str]:
    facts = {"slipway": {"packages": packages or []}}
    return list(evaluate("base", "{{ __base_missing }}", ansible_facts=facts, **scenario))


def test_packages_of_the_role_and_of_its_caller_go_in_one_transaction():
    wanted = missing(base_packages=["nginx", "supervisor", "ca-certificates"])
    assert {"nginx", "supervisor", "python3-venv", "openssh-client", "unattended-upgrades"} <= set(wanted)
    assert len(wanted) == len(set(wanted))
    assert "build-essential" not in wanted


def test_what_is_installed_is_not_asked_for():
    assert missing(packages=missing(base_packages=["nginx"]), base_packages=["nginx"]) == []
    assert missing(packages=missing(), base_packages=["nginx"]) == ["nginx"]


@pytest.mark.parametrize(
    ("option", "package"),
    [
        ({"base_build_tools": True}, "build-essential"),
        ({"base_locale": "de_AT.UTF-8"}, "locales"),
    ],
)
def test_packages_that_an_option_brings(option, package):
    assert package in missing(**option)
    assert package not in missing()


def test_security_updates_can_be_left_to_somebody_else():
    assert "unattended-upgrades" not in missing(base_security_updates=False)
    assert "Periodic" not in render("base", "apt.conf.j2", base_security_updates=False)
    assert 'APT::Periodic::Unattended-Upgrade "1";' in render("base", "apt.conf.j2")


def test_apt_takes_the_proxies():
    text = render("base", "apt.conf.j2", base_download_environment={"https_proxy": "http://p:1", "UV_INDEX_URL": "x"})
    assert 'Acquire::https::Proxy "http://p:1";' in text
    assert "Acquire::http::" not in text
    assert "UV_INDEX_URL" not in text


@pytest.mark.parametrize(("proxy", "mode"), [("http://p:1", "0644"), ("http://me:pass@p:1", "0600")])
def test_a_password_of_a_proxy_is_for_root_only(proxy, mode):
    files = evaluate("base", "{{ __base_files }}", base_download_environment={"http_proxy": proxy})
    modes = {file["path"]: file["mode"] for file in files}
    assert modes == {"/etc/slipway/host.json": "0600", "/etc/apt/apt.conf.d/80slipway": mode}


def test_downloads_trust_what_the_host_trusts_unless_told_otherwise():
    files = evaluate("base", "{{ __base_files }}", base_download_environment={"PIP_CERT": "/mine", "UV_INDEX_URL": "x"})
    environment = json.loads(files[0]["content"])["download_environment"]
    assert environment == {
        "SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt",
        "PIP_CERT": "/mine",
        "UV_INDEX_URL": "x",
    }


def test_what_is_told_to_a_bare_host_is_in_no_argument():
    own = {"base_download_environment": {"http_proxy": "http://me:pass@p:1"}}
    settings = render("base", "apt.conf.j2", **own)
    assert evaluate("base", "{{ __base_told }}", **own) == settings
    told, rest = str(evaluate("base", "{{ __base_told }}", base_fetch_uv=True, **own)).split("\n", 1)
    assert json.loads(told) == evaluate("base", "{{ __base_download_environment }}", **own)
    assert rest == settings
    script = str(evaluate("base", "{{ __base_bringing }}", base_fetch_uv=True, **own))
    assert "def fetch(" in script and "pass@" not in script
    # for the shell that logs in, for sudo's, and for Ansible's own
    assert len(shlex.quote(shlex.quote(shlex.quote(script)))) < LONGEST / 4
    assert "def fetch(" not in str(evaluate("base", "{{ __base_bringing }}", **own))


def test_certificates_are_read_on_the_controller(tmp_path: Path):
    (tmp_path / "company.pem").write_text("-----BEGIN\nEND-----\n")
    authorities = [str(tmp_path / "company.pem")]
    assert evaluate("base", "{{ __base_ca_files }}", base_ca_certificates=authorities) == [
        {
            "path": "/usr/local/share/ca-certificates/slipway-company.crt",
            "content": "-----BEGIN\nEND-----\n",
        }
    ]
    assert len(evaluate("base", "{{ __base_ca_commands }}", base_ca_certificates=authorities)) == 1
    assert evaluate("base", "{{ __base_ca_files + __base_ca_folders + __base_ca_commands }}") == []


def test_nothing_is_said_about_time_and_words_unless_asked():
    assert evaluate("base", "{{ __base_clock == __base_nothing and __base_words == __base_nothing }}") is True


def test_a_time_zone_has_to_exist():
    clock = evaluate("base", "{{ __base_clock }}", base_timezone="Europe/Vienna")
    assert clock["links"] == [{"path": "/etc/localtime", "target": "/usr/share/zoneinfo/Europe/Vienna"}]
    assert clock["validate"] == [["test", "-e", "/usr/share/zoneinfo/Europe/Vienna"]]


def test_a_locale_is_generated_in_its_own_charset():
    words = evaluate("base", "{{ __base_words }}", base_locale="de_AT.UTF-8")
    assert words["files"][0]["content"] == "de_AT.UTF-8 UTF-8\n"
    assert words["files"][1]["content"] == "LANG=de_AT.UTF-8\n"
