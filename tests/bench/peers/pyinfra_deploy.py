# SPDX-License-Identifier: GPL-3.0-or-later
"""The same steps in pyinfra, in eleven operations: without tests and upgrade, restarting only what changed."""

import os

from pyinfra.operations import apt, files, git, pip, server, systemd

ROOT, CODE = "/srv/blog", "/srv/blog/code/webapp"
NEEDS = {name: os.environ[name] for name in os.environ["BENCH_EXPORTS"].split()}
AS_USER = {"_sudo": True, "_sudo_user": "deploy", "_env": NEEDS}

apt.packages(
    packages=["build-essential", "python3-dev", "python3-venv", "git", "supervisor", "nginx"],
    update=True,
    cache_time=3600,
    _env=NEEDS,
)
server.user(user="deploy", home=ROOT, shell="/bin/bash", ensure_home=True)
code = git.repo(src=os.environ["BENCH_REPOSITORY"], dest=f"{ROOT}/code", pull=True, **AS_USER)
pip.venv(path=f"{ROOT}/venv", python="python3", **AS_USER)
pip.packages(requirements=f"{CODE}/requirements.txt", virtualenv=f"{ROOT}/venv", **AS_USER)
pip.packages(packages=["uwsgi"], virtualenv=f"{ROOT}/venv", **AS_USER)
server.shell(
    commands=[
        f"cd {CODE}; . deploy/environment; test -e {ROOT}/blog.db || {ROOT}/venv/bin/python manage.py createdb --sample"
    ],
    **AS_USER,
)
program = files.link(path="/etc/supervisor/conf.d/blog.conf", target=f"{CODE}/deploy/supervisor.conf")
site = files.link(path="/etc/nginx/sites-enabled/default", target=f"{CODE}/deploy/nginx.conf")
server.shell(
    commands=["supervisorctl reread; supervisorctl update | grep -q added || supervisorctl restart blog"],
    _if=lambda: code.did_change() or program.did_change(),
)
systemd.service(service="nginx", restarted=True, _if=lambda: code.did_change() or site.did_change())
