# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every variable a user may set: what it is called, whose it is, what it is worth unset, what it means.

The one home of these facts: the description of an app takes its defaults from here, the inventory's
names are judged against it, and the reference is generated from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Variable:
    """One public name. `default` None: required, or found out when it is needed, as `meaning` says."""

    name: str
    owner: str
    type: str
    default: object = field(hash=False)
    meaning: str


_ROWS: tuple[tuple[str, str, str, object, str], ...] = (
    ("app_name", "app", "str", None, "Required. Names folders, users, programs and sockets."),
    ("app_source", "gate", "str", None, "Required. git URL, or a folder on the controller, relative to the inventory."),
    ("app_version", "gate", "str", "HEAD", "Branch, tag or commit."),
    ("app_subdir", "gate", "str", "", "The project's root inside the repository."),
    ("app_python", "gate", "str", "", "Minor version such as 3.11; unset, each host's own python3."),
    ("app_wsgi", "app", "str", "wsgi:app", "module:callable or module:factory(literal arguments)."),
    ("app_requirements", "gate", "str | list", "auto", "File with the requirements; auto finds it; [] for none."),
    ("app_extras", "gate", "list[str]", [], "Extras of the project to install."),
    (
        "app_install_project",
        "gate",
        "bool | str",
        "auto",
        "Whether the project itself is installed; auto: if app_wsgi needs it.",
    ),
    ("app_packages", "gate", "list[str]", [], "Python packages to add to the application's own."),
    ("app_system_packages", "app", "list[str]", [], "Debian packages the application needs."),
    ("app_test", "gate", "dict", {}, "Test plan: runner, path, arguments, minimum, timeout ..."),
    ("app_environment", "app", "dict[str, str]", {}, "Environment of every process of the app."),
    ("app_secrets", "app", "dict[str, str]", {}, "The same, for values that nobody may see."),
    ("app_files", "app", "dict", {}, "Path in the release -> content, or {content, secret, mode}."),
    ("app_build_commands", "app", "list[str]", [], "Run while a release is prepared, by a build user."),
    ("app_init_commands", "app", "list[str]", [], "Run once in the life of the app."),
    ("app_migrate_commands", "app", "list[str]", [], "Run once a release, before its trial."),
    (
        "app_programs",
        "app",
        "dict[str, str]",
        {},
        "Name -> command of what else the app runs; web serves the site itself.",
    ),
    ("app_port", "app", "int", 8100, "Ten ports of 127.0.0.1 from here on are for a program called web."),
    ("app_static", "app", "dict[str, str]", {}, "URL prefix -> folder in the release, served past the app."),
    ("app_shared", "app", "list[str]", [], "Paths that outlive releases and that the app may write."),
    ("app_health_path", "app", "str", "/", "Answers 2xx when the app is well."),
    ("app_domains", "app", "list[str]", [], "Host names of the site; none: the default site."),
    ("app_keep_releases", "app", "int", 5, "How many releases stay on a host."),
    ("app_user", "app", "str", None, "System user of the processes; unset, app-NAME."),
    ("app_root", "app", "str", None, "Folder of the app on the host; unset, /srv/NAME."),
    ("app_state", "app", "str", "present", "present, or absent: the playbook site takes the app off its hosts."),
    ("app_delete_data", "app", "str", "", "absent: the name of the app once more, to delete what it has stored."),
    ("deploy_user_name", "deploy_user", "str", "deploy", "The account to log in with."),
    ("deploy_user_keys", "deploy_user", "list[str]", [], "Public SSH keys that may log in to it."),
    ("deploy_user_sudo", "deploy_user", "list[str]", [], "Commands it may run as root; [ALL] for every one."),
    ("deploy_wave", "fleet", "int | str", "25%", "How many hosts switch at once, after the canary."),
    ("deploy_canary_seconds", "fleet", "int", 0, "How long the first host is watched before the rest follow."),
    ("deploy_lock_wait", "fleet", "int", 0, "Seconds to wait for somebody else's lock."),
    ("gate_key_file", "gate", "str", "~/.config/slipway/gate_key", "The controller's signing key; made on first use."),
    (
        "gate_signers",
        "gate",
        "dict[str, str]",
        {},
        "Name -> public key of whom the hosts trust; unset, the controller's.",
    ),
    ("gate_signer", "gate", "str", None, "This controller's name among gate_signers; unset, found by its key."),
    ("gate_untested_allowed", "gate", "bool", False, "Whether the hosts take releases that were not tested."),
    (
        "notify_webhook",
        "notify",
        "str",
        "",
        "Secret. Web address that gets each notice of a run as JSON.",
    ),
    ("notify_command", "notify", "list[str]", [], "Command on the controller that gets each notice on standard input."),
    ("notify_mail", "notify", "dict", {}, "Whom to mail each notice: to, from, server."),
    ("site_tls", "site", "str", "off", "Where the certificate comes from: off, self_signed, provided or acme."),
    ("site_tls_certificate", "site", "str", "", "provided: certificate and chain; a PEM file, or its text."),
    (
        "site_tls_key",
        "site",
        "str",
        "",
        "Secret. provided: its key, likewise; a file may be encrypted by ansible-vault.",
    ),
    (
        "site_acme_directory",
        "site",
        "str",
        "https://acme-v02.api.letsencrypt.org/directory",
        "acme: the authority that is asked, as the host reaches it.",
    ),
    ("site_acme_mail", "site", "str", "", "acme: where the authority may write to."),
    ("site_acme_proxied", "site", "bool", False, "acme: the names lead to something in front of the host."),
    ("site_hsts_seconds", "site", "int", 0, "How long browsers shall come over TLS only; 0 says nothing to them."),
    ("site_maintenance_page", "site", "str", "", "HTML file on the controller for visitors in maintenance."),
    ("site_maintenance_exempt", "site", "list[str]", [], "Addresses and networks that reach the app in maintenance."),
    (
        "web_slots",
        "web",
        "int",
        0,
        "Servers that are restarted one after the other, at least 2 to keep serving; 0: by the stack and the host.",
    ),
    ("web_request_seconds", "web", "int", 60, "The longest a request may take."),
    ("web_body_mb", "web", "int", 16, "The largest request body, in megabytes."),
    ("web_connections", "web", "int", 1000, "Connections of each slot at once, where visitors come to it directly."),
    ("uwsgi_processes", "uwsgi", "int", 0, "Processes of each slot; 0: by the host's cores and memory."),
    ("uwsgi_threads", "uwsgi", "int", 2, "Threads of each process."),
    ("uwsgi_max_requests", "uwsgi", "int", 10000, "Requests after which a process is renewed."),
    ("uwsgi_memory_mb", "uwsgi", "int", 0, "Memory at which a process is renewed; 0: by the host's memory."),
    ("gevent_port", "gevent", "int", 80, "Where visitors reach the app."),
    ("tornado_port", "tornado", "int", 80, "Where visitors reach the app."),
    ("tornado_threads", "tornado", "int", 8, "Threads of each slot in which the WSGI callable runs."),
    (
        "tornado_handlers",
        "tornado",
        "str",
        "",
        "module:attribute of the application's own handlers, such as WebSockets.",
    ),
)

VARIABLES = {row[0]: Variable(*row) for row in _ROWS}
