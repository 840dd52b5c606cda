#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pre-receive hook of each app's repository: no build, no push. The server builds; what it says is printed here."""

import http.client
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ZERO = "0" * 40


def main() -> int:
    rows = [line.split() for line in sys.stdin]
    wanted = [new for _old, new, ref in rows if ref in ("refs/heads/main", "refs/heads/master") and new != ZERO]
    if not wanted:
        print("Pushed to non-main branch, skipping build.")
        return 0
    folder = Path(tempfile.mkdtemp(prefix="build_"))
    archive = subprocess.run(["git", "archive", wanted[0]], stdout=subprocess.PIPE, check=True)
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
    subject = subprocess.run(
        ["git", "show", "-s", "--format=%s", wanted[0]], stdout=subprocess.PIPE, text=True, check=True
    )
    asked = {"folder": str(folder), "commit": wanted[0], "subject": subject.stdout.strip()}
    asked |= {"app": os.environ["STANDIN_APP"], "user": os.environ["REMOTE_USER"]}
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ["STANDIN_PORT"]))
    connection.request("POST", "/-/build", json.dumps(asked), {"Authorization": f"Bearer {os.environ['STANDIN_KEY']}"})
    last = ""
    for line in connection.getresponse():
        last = line.decode(errors="replace").rstrip("\n")
        if last not in ("ok", "rejected"):
            print(last, flush=True)
    return 0 if last == "ok" else 1


if __name__ == "__main__":
    sys.exit(main())
