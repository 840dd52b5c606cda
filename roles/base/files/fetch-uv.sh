#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fetches uv with "$program" while apt is at work, as soon as there is a Python with pip, and says nothing: who needs uv
# waits for this, and fetches it where this has failed. The first line of what it reads tells how an index is reached;
# without one nobody knows.
set -u
if read -r environment; then
    (
        # dpkg tells nobody that a package has been configured, so it is asked, as long as this script runs
        until [ "$(dpkg-query -Wf '${db:Status-Status} ' python3 python3-pip-whl)" = "installed installed " ]; do
            kill -0 $$ || exit
            sleep 0.2
        done
        printf '%s' "$environment" | setsid python3 -I -c "$program"
    ) < /dev/null > /dev/null 2>&1 &
fi
