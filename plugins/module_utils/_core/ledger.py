# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was activated on a host, in order, and how it ended. Rolling back and pruning are decided from it alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

Verdict = Literal["pending", "good", "bad"]


@dataclass(frozen=True)
class Entry:
    """One activation. `previous` is where a failed run goes back to; `at` is UTC, ISO 8601.

    A rollback is good only when what it leaves is bad: `undoes` names that.
    """

    activation: str
    release: str
    commit: str
    artifact: str
    previous: str | None
    by: str
    at: str
    verdict: Verdict = "pending"
    reason: str = ""
    undoes: str | None = None


@dataclass(frozen=True)
class Ledger:
    entries: tuple[Entry, ...] = ()

    @classmethod
    def read(cls, rows: Iterable[Mapping[str, Any]]) -> Ledger:
        return cls(tuple(Entry(**row) for row in rows))

    def rows(self) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in self.entries]

    def latest(self, activation: str) -> Entry | None:
        return next((e for e in reversed(self.entries) if e.activation == activation), None)

    def pending(self) -> Entry | None:
        """The activation whose run has not ended: a deploy in progress, or one that was killed."""
        last = self.entries[-1] if self.entries else None
        return last if last and last.verdict == "pending" else None

    def begin(self, entry: Entry) -> Ledger:
        """A new run starts. An older run that never ended is known not to be good."""
        closed = tuple(_abandoned(e) if e.verdict == "pending" else e for e in self.entries)
        return Ledger((*closed, replace(entry, verdict="pending")))

    def end(self, activation: str, verdict: Verdict, reason: str = "") -> Ledger:
        """The last run of `activation` ended with this verdict."""
        entries = list(self.entries)
        for index in range(len(entries) - 1, -1, -1):
            if entries[index].activation == activation:
                entries[index] = replace(entries[index], verdict=verdict, reason=reason)
                break
        return Ledger(tuple(entries))

    def good(self) -> list[Entry]:
        """Every activation whose last verdict is good, newest first, each once."""
        newest: dict[str, Entry] = {}
        for entry in reversed(self.entries):
            newest.setdefault(entry.activation, entry)
        return [entry for entry in newest.values() if entry.verdict == "good"]

    def fallback(self, leaving: str) -> Entry | None:
        """The newest good activation other than the one that is left."""
        return next((entry for entry in self.good() if entry.activation != leaving), None)

    def refuge(self, live: str | None, leaving: str) -> str | None:
        """Where a run that fails goes back to: the live activation if it has proven itself, else the last that has."""
        if live != leaving and any(entry.activation == live for entry in self.good()):
            return live
        entry = self.fallback(leaving)
        return entry.activation if entry else None

    def back(self, live: str | None) -> Entry | None:
        """Where a rollback goes: to the end of one that was killed, else to the newest good activation but the live."""
        pending = self.pending()
        return pending if pending and pending.undoes else self.fallback(leaving=live or "")

    def select(self, text: str) -> Entry | None:
        """The newest good activation whose release or commit begins with `text`."""
        return next((e for e in self.good() if e.release.startswith(text) or e.commit.startswith(text)), None)


def kept(ledger: Ledger, live: str | None, keep: int) -> list[str]:
    """The activations that pruning leaves: the live one, the one before it, the newest `keep` good ones."""
    wanted: list[str] = [live] if live else []
    for entry in ledger.good():
        if len(wanted) >= max(keep, 2):
            break
        if entry.activation not in wanted:
            wanted.append(entry.activation)
    pending = ledger.pending()
    if pending and pending.activation not in wanted:
        wanted.append(pending.activation)
    return wanted


def trimmed(ledger: Ledger, present: Sequence[str], keep: int = 200) -> Ledger:
    """A ledger that does not grow for ever: the newest rows, and whatever is still on disk."""
    cut = max(len(ledger.entries) - keep, 0)
    old = tuple(e for e in ledger.entries[:cut] if e.activation in present)
    return Ledger(old + ledger.entries[cut:])


def _abandoned(entry: Entry) -> Entry:
    return replace(entry, verdict="bad", reason="the run ended before its verdict")
