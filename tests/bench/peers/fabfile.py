# SPDX-License-Identifier: GPL-3.0-or-later
"""The original recipe, ported to Fabric 3: test, update and upgrade, pull, install, copy configuration, restart."""

import os
import shlex

from fabric import Connection, task

PACKAGES = ("build-essential", "python3-dev", "python3-venv", "git", "supervisor", "nginx")
ROOT, CODE = "/srv/blog", "/srv/blog/code/webapp"
PIP = f"{ROOT}/venv/bin/pip install --quiet --disable-pip-version-check"
APT = "DEBIAN_FRONTEND=noninteractive apt-get -qq -y"


def run(c: Connection, command: str, user: str = "root") -> None:
    needs = "".join(f"export {name}={shlex.quote(os.environ[name])}; " for name in os.environ["BENCH_EXPORTS"].split())
    typed = f"sh -c {shlex.quote(needs + command)}"
    c.run(typed if user == "root" else f"setpriv --reuid {user} --regid {user} --init-groups {typed}", hide=True)


def update(c: Connection) -> None:
    run(c, f"{APT} update")
    run(c, f"{APT} upgrade")


def restart(c: Connection) -> None:
    run(c, f"cp {CODE}/deploy/supervisor.conf /etc/supervisor/conf.d/blog.conf")
    run(c, f"cp {CODE}/deploy/nginx.conf /etc/nginx/sites-available/blog")
    run(c, "ln -sf ../sites-available/blog /etc/nginx/sites-enabled/blog; rm -f /etc/nginx/sites-enabled/default")
    # not right after its start: uWSGI would lose the signal, be killed later, and leave orphans on its port
    run(c, "supervisorctl reread; supervisorctl update | grep -q added || supervisorctl restart blog")
    run(c, "systemctl restart nginx")


def test(c: Connection) -> None:
    c.local("$BENCH_PYTHON -m unittest discover -q", hide=True, env={"PYTHONDONTWRITEBYTECODE": "1"})


@task
def setup(c: Connection) -> None:
    test(c)
    update(c)
    for package in PACKAGES:
        run(c, f"{APT} install {package}")
    run(c, f"useradd --create-home --home-dir {ROOT} --shell /bin/bash deploy; chmod 755 {ROOT}")
    run(c, f"git clone --quiet $BENCH_REPOSITORY {ROOT}/code", "deploy")
    run(c, f"python3 -m venv {ROOT}/venv", "deploy")
    run(c, f"{PIP} -r {CODE}/requirements.txt", "deploy")
    run(c, f"{PIP} uwsgi", "deploy")
    run(c, f"cd {CODE}; . deploy/environment; {ROOT}/venv/bin/python manage.py createdb --sample", "deploy")
    restart(c)


@task
def deploy(c: Connection) -> None:
    test(c)
    update(c)
    run(c, f"cd {CODE} && git pull --quiet", "deploy")
    run(c, f"{PIP} -r {CODE}/requirements.txt", "deploy")
    restart(c)
