# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the hosts of one app have to agree on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible_collections.slipway.flask.plugins.module_utils._core.wording import seen, some

MAY_DIFFER = (
    "app_environment",
    "app_secrets",
    "app_files",
    "app_system_packages",
    "app_keep_releases",
    "base_upgrade",
    "base_security_updates",
    "base_build_tools",
    "base_ca_certificates",
    "base_download_environment",
    "base_timezone",
    "base_locale",
    "deploy_user_name",
    "deploy_user_keys",
    "deploy_user_sudo",
    "gate_untested_allowed",
    "site_maintenance_exempt",
    "web_slots",
    "uwsgi_processes",
    "uwsgi_threads",
    "tornado_threads",
    "celery_slots",
    "postgresql_address",
    "postgresql_memory_mb",
    "rabbitmq_address",
    "rabbitmq_disk_mb",
    "rabbitmq_memory_mb",
    "celery_concurrency",
)


def judge(rows: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Variables whose values differ between hosts although the app has only one of them."""
    names = sorted({name for row in rows.values() for name in row} - set(MAY_DIFFER))
    return [problem for name in names for problem in _differing(name, rows)]


def _differing(name: str, rows: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    hosts: dict[str, list[str]] = {}
    for host, row in rows.items():
        hosts.setdefault(seen(name, row[name]) if name in row else f"{name} is not set", []).append(host)
    if len({repr(row.get(name)) for row in rows.values()}) > 1:
        sides = "; ".join(f"{said} on {some(where)}" for said, where in hosts.items())
        yield f"{sides}. It has to be the same for all hosts: set it once, in group_vars/all.yml."
