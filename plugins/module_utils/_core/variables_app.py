# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of `variables.py` that describe an app: name, owner, type, default, meaning."""

from __future__ import annotations

ROWS: tuple[tuple[str, str, str, object, str], ...] = (
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
    ("app_migrate_dump", "app", "bool", True, "Whether a database of ours is dumped before migrations change it."),
    ("app_migrate_destructive", "app", "bool", False, "Whether migrations may drop tables and columns."),
    (
        "app_programs",
        "app",
        "dict",
        {},
        "Name -> command of what else the app runs, or {command, slots, ...}; web serves the site itself.",
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
)
