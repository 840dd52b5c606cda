# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""This controller as a signer: its key, and the name it goes by."""

from __future__ import annotations

import getpass
import platform
import re
from pathlib import Path

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.signers import Signer
from ansible_collections.slipway.flask.plugins.module_utils._host import signing


def of_controller(key_file: str, make: bool) -> Signer:
    """The signer of this key file, made when there is none and `make` says so."""
    key = Path(key_file)
    try:
        public = signing.ensure_key(key) if make else signing.public_key(key) if key.exists() else ""
    except OSError as error:
        raise SlipwayError(
            f"gate_key_file is {key_file}, which cannot be used: {error.strerror}. Name another file."
        ) from error
    name = re.sub(r"[^A-Za-z0-9._@+-]", "-", f"{getpass.getuser()}@{platform.node()}")
    return Signer(name, public, key_file)
