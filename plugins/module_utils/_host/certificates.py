# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificates a host gets for itself: signed by its own key, or asked of an authority by certbot."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.certificate import (
    SELF_SIGNED_DAYS,
    Found,
    Wish,
    complaint,
    described,
    directory_of,
    lineage,
    why,
)
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.fronts import FRONTS
from ansible_collections.slipway.flask.plugins.module_utils._core.layout import Layout
from ansible_collections.slipway.flask.plugins.module_utils._host.command import run
from ansible_collections.slipway.flask.plugins.module_utils._host.tolerant import names, text

CERTBOT = Path("/etc/letsencrypt")
# certbot hands the answers to the authority's questions to the front server through this folder
WEBROOT = "/var/lib/slipway-acme"
# Whichever front server runs by then reads the certificate again: a host may move from one to the other. Written as
# patterns, since a unit that is not there is an error and a pattern that nothing matches is none.
UNITS = [f"[{server.unit[0]}]{server.unit[1:]}" for server in FRONTS.values()]
RELOAD = ["systemctl", "try-reload-or-restart", *UNITS]
OPENSSL_SECONDS = 30
ACME_SECONDS = 300


def certificates(root: Path = Path("/")) -> list[str]:
    """Names of those that certbot has."""
    live = root / str(CERTBOT / "live").lstrip("/")
    return [name for name in names(live) if (live / name / "fullchain.pem").exists()]


def look(path: Path, directory: str = "") -> Found:
    """The certificate in a file; one that is not there has no end."""
    if not path.exists():
        return Found()
    argv = ["openssl", "x509", "-in", str(path), "-noout", "-enddate", "-ext", "subjectAltName"]
    return described(run(argv, timeout=OPENSSL_SECONDS).stdout, directory)


def sign(app: str, wish: Wish, check: bool) -> list[str]:
    """A certificate signed by its own key, which no browser trusts; what was done, or would be."""
    target = Path(Layout.of(app).config) / "self_signed.pem"
    reason = why(wish, look(target), datetime.now(UTC))
    if not reason:
        return []
    if not check:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".work-") as folder:
            os.replace(_signed(app, wish.names, Path(folder)), target)
        _reload()
    return [f"sign a certificate for {', '.join(wish.names)}: {reason}"]


def ask(app: str, wish: Wish, mail: str, check: bool) -> list[str]:
    """A certificate of an authority, asked for over HTTP and renewed by certbot's timer from then on."""
    name = lineage(app)
    directory = directory_of(text(CERTBOT / "renewal" / f"{name}.conf"))
    found = look(CERTBOT / "live" / name / "cert.pem", directory)
    reason = why(wish, found, datetime.now(UTC))
    if not reason:
        return []
    if not check:
        _certbot(name, wish, mail, anew=found.directory != wish.directory)
    return [f"ask {wish.directory} for a certificate for {', '.join(wish.names)}: {reason}"]


def _signed(app: str, wanted: Sequence[str], folder: Path) -> Path:
    """Key and certificate in one file: they change together."""
    key, certificate, both = (folder / name for name in ("key", "certificate", "both"))
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    argv += ["-days", str(SELF_SIGNED_DAYS), "-subj", f"/CN={app}", "-keyout", str(key), "-out", str(certificate)]
    argv += ["-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in wanted)]
    argv += ["-addext", "keyUsage=critical,digitalSignature", "-addext", "extendedKeyUsage=serverAuth"]
    done = run(argv, timeout=OPENSSL_SECONDS)
    if not done.ok:
        raise SlipwayError(f"openssl makes no certificate for {', '.join(wanted)}: {done.tail(3)}")
    both.touch(mode=0o600)
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both


def _reload() -> None:
    """A front server that does not run yet reads the certificate when it starts."""
    run(RELOAD, timeout=OPENSSL_SECONDS)


def _certbot(name: str, wish: Wish, mail: str, anew: bool) -> None:
    argv = ["certbot", "certonly", "--non-interactive", "--agree-tos", "--server", wish.directory]
    argv += ["--webroot", "--webroot-path", WEBROOT, "--cert-name", name, "--renew-with-new-domains"]
    argv += ["--deploy-hook", shlex.join(RELOAD)]
    argv += ["--email", mail] if mail else ["--register-unsafely-without-email"]
    argv += ["--force-renewal"] if anew else []
    argv += [word for domain in wish.names for word in ("--domain", domain)]
    done = run(argv, timeout=ACME_SECONDS)
    if not done.ok:
        how = f"no end after {done.seconds:.0f} s" if done.timed_out else f"exit status {done.status}"
        raise SlipwayError(
            f"{wish.directory} gave no certificate for {', '.join(wish.names)} ({how}).\n"
            f"{complaint(done.stdout + done.stderr)}\n"
            "The site serves as before. Put that right and run this again; certbot's log on the host is"
            " /var/log/letsencrypt/letsencrypt.log"
        )
