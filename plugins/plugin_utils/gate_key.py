# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""This controller as a signer: its key, and the name it goes by."""

from __future__ import annotations

import getpass
import platform
import re
from pathlib import Path
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core import signers
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._core.policy import Policy
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


def of_run(policy: Policy, make: bool) -> dict[str, Any]:
    """Who signs here and whom the hosts trust. The key is made last: a run that fails leaves nothing behind."""
    fresh = not Path(policy.key_file).exists()
    me, trusted = signers.choose(of_controller(policy.key_file, make), policy.signer, policy.signers)
    gate = {"key_file": me.key_file, "signer": me.name, "public_key": me.public_key, "signers": trusted}
    plan = [f"make the signing key {policy.key_file}"] if fresh else []
    return {"changed": fresh, "plan": plan, "gate": {**gate, "untested_allowed": policy.untested_allowed}}
