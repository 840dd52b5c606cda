# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificate that a host gets for itself: what is wanted, what was found, and why a new one is due."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

# certbot's timer renews with 30 days left; a certificate that has so few got no new one for weeks
LATE_DAYS = 7
# nobody else renews what we signed ourselves
SELF_SIGNED_LATE_DAYS = 30
SELF_SIGNED_DAYS = 397


def lineage(app: str) -> str:
    """What certbot calls the certificate of an app."""
    return f"slipway-{app}"


@dataclass(frozen=True)
class Wish:
    """`directory` is the ACME directory it has to come from; empty for one that the host signs itself."""

    names: tuple[str, ...]
    directory: str = ""


@dataclass(frozen=True)
class Found:
    """A certificate on the host; `ends` is None when there is none, or none that can be read."""

    names: frozenset[str] = frozenset()
    ends: datetime | None = None
    directory: str = ""


def why(wish: Wish, found: Found, now: datetime) -> str:
    """Why a new certificate is due, in words; empty when the one that is there will do."""
    late = LATE_DAYS if wish.directory else SELF_SIGNED_LATE_DAYS
    if found.ends is None:
        return "there is none"
    if found.names != frozenset(wish.names):
        return f"the one there is for {', '.join(sorted(found.names)) or 'no name'}"
    if found.directory != wish.directory:
        return f"the one there is from {found.directory or 'this host'}"
    if days_left(found.ends, now) < late:
        return f"the one there ends on {found.ends:%Y-%m-%d}"
    return ""


def days_left(ends: datetime, now: datetime) -> int:
    return (ends - now).days


def described(text: str, directory: str = "") -> Found:
    """From what `openssl x509 -noout -enddate -ext subjectAltName` prints."""
    end = re.search(r"^notAfter=(.+) GMT$", text, re.MULTILINE)
    if not end:
        return Found()
    ends = datetime.strptime(end[1], "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    return Found(frozenset(re.findall(r"DNS:([^,\s]+)", text)), ends, directory)


def directory_of(renewal: str) -> str:
    """The ACME directory in certbot's notes on a certificate."""
    found = re.search(r"^server = (\S+)$", renewal, re.MULTILINE)
    return found[1] if found else ""


def complaint(output: str) -> str:
    """What the authority said, out of what certbot prints; all of its last lines when nothing is to be found."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [line for line in lines if re.match(r"(Domain|Type|Detail): ", line)]
    return "\n".join(f"  {line}" for line in told or _plain(lines)[-6:])


def _plain(lines: Sequence[str]) -> list[str]:
    """Without what certbot says every time."""
    return [line for line in lines if not re.match(r"Saving debug log|Ask for help|See the logfile|- - -", line)]
