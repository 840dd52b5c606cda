# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Back up what an app has stored on this host, try whether it can be brought back, and bring it back. Tool: restic.

    python3 -I backup APP run       what the timer starts: into the repository, then forget what is old
    python3 -I backup APP drill     bring the newest back to a scratch place, count it, take it away
    python3 -I backup APP list      what there is
    python3 -I backup APP judge     [--from WHICH] [--of HOST] [--over]   what speaks against restoring; changes nothing
    python3 -I backup APP restore   [--from WHICH] [--of HOST] [--over]   WHICH: latest, the id of one, or a time (UTC)

Everything else stands in /etc/slipway/APP/backup.json, root's alone. What happened is one line of JSON on standard
output, and in /var/lib/slipway/APP/backups.jsonl. The exit status is 0 when all of it is well.

Python looks for imports in the folder that it starts, isolated or not: so each room beside this one is found.
"""

from __future__ import annotations

import argparse
import json
import sys

from bringing import restore
from drill import drill
from here import load
from judging import judge
from record import answered, busy, recorded
from snapshots import shown, snapshots
from sqlite import copy_database
from taking import run


def main() -> int:
    asked = arguments()
    if asked.act == "copy":
        copy_database(*asked.paths)
        return 0
    here = load(asked.app)
    acts = {
        "run": lambda: recorded(here, "backup", lambda row: run(here, row)),
        "drill": lambda: recorded(here, "drill", lambda row: drill(here, row)),
        "restore": lambda: recorded(here, "restore", lambda row: restore(here, asked, row)),
        "judge": lambda: answered(lambda row: row.update(judge(here, asked, busy(here))[1])),
        "list": lambda: answered(lambda row: row.update(backups=shown(snapshots(here)))),
    }
    row = acts[asked.act]()
    print(json.dumps(row, ensure_ascii=False), flush=True)
    if not row["ok"]:
        print(row["said"], file=sys.stderr)
    return 0 if row["ok"] else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Back up what an app has stored, and bring it back.")
    parser.add_argument("app")
    parser.add_argument("act", choices=["run", "drill", "list", "judge", "restore", "copy"])
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--from", dest="wanted", default="latest")
    parser.add_argument("--of", default="")
    parser.add_argument("--over", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
