# SPDX-License-Identifier: GPL-3.0-or-later
"""Load at a steady rate with hey, in Debian: keep-alive and new connections side by side, and what the server notes."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.hosts import Host

from . import inside

SHARE = 0.3
WORKERS = 8
AGENT = "hey/"
ACCESS_LOG = "/var/log/nginx/blog.access.log"
LONGEST = "2h"


@dataclass(frozen=True)
class Figures:
    """What hey counted; seconds. Whatever is no 200 has failed."""

    requests: int
    failed: int
    per_second: float
    p99: float
    slowest: float


def read(report: str) -> Figures:
    """hey's own summary."""
    statuses = [(int(status), int(count)) for status, count in re.findall(r"\[(\d{3})\]\s+(\d+) responses", report)]
    errors = report.partition("Error distribution:")[2]
    failed = sum(count for status, count in statuses if status != 200)
    failed += sum(int(count) for count in re.findall(r"^\s+\[(\d+)\]", errors, re.MULTILINE))
    return Figures(
        requests=sum(count for _, count in statuses) + failed,
        failed=failed,
        per_second=_number(r"Requests/sec:\s+([\d.]+)", report),
        p99=_number(r"99%+ in ([\d.]+) secs", report),
        slowest=_number(r"Slowest:\s+([\d.]+) secs", report),
    )


def capacity(url: str, seconds: int = 5) -> float:
    """Requests a second that the site can answer at most."""
    done = subprocess.run(_argv(url, f"{seconds}s"), capture_output=True, text=True, check=True)
    return read(done.stdout).per_second


class Load:
    """`with Load(url, 60) as load:` asks that often a second until the end; then `load.figures` has both kinds."""

    def __init__(self, url: str, per_second: float) -> None:
        self.figures: dict[str, Figures] = {}
        rate = ["-q", f"{per_second / 2 / WORKERS:.3f}"]
        self._argv = {
            "keep-alive": _argv(url, LONGEST, *rate),
            "new connections": _argv(url, LONGEST, *rate, "-disable-keepalive"),
        }
        self._running: dict[str, subprocess.Popen[str]] = {}

    def __enter__(self) -> Load:
        for kind, argv in self._argv.items():
            self._running[kind] = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return self

    def __exit__(self, *_error: object) -> None:
        for process in self._running.values():
            process.send_signal(signal.SIGINT)  # hey lets what is in flight end, and reports
        for kind, process in self._running.items():
            self.figures[kind] = read(process.communicate(timeout=60)[0])


class AccessLog:
    """What the server notes of the load from now on; `logs` may be a pattern, since each slot may have its own."""

    def __init__(self, host: Host, logs: str = ACCESS_LOG) -> None:
        self._host, self._logs = host, logs
        self._before = self._counted()

    def statuses(self) -> Counter[int]:
        """How often each status was given."""
        return self._counted() - self._before

    def _counted(self) -> Counter[int]:
        status = 'sed -E \'s/^[^"]*"[^"]*" ([0-9]+) .*/\\1/\''
        rows = inside.sh(self._host, f"cat {self._logs} | grep -F '\"{AGENT}' | {status} | sort | uniq -c")
        return Counter({int(status): int(count) for count, status in map(str.split, rows.splitlines())})


def _argv(url: str, duration: str, *further: str) -> Sequence[str]:
    program = shutil.which("hey")
    assert program, "hey is not installed here. Type: tools/hey"
    return [program, "-z", duration, "-c", str(WORKERS), "-t", "10", *further, url]


def _number(pattern: str, report: str) -> float:
    found = re.search(pattern, report)
    assert found, f"hey has not reported {pattern}:\n{report}"
    return float(found[1])
