# SPDX-License-Identifier: GPL-3.0-or-later
# For uv, which reads no pip configuration: an index of one's own and the machine's certificates. Wants $venv.
# shellcheck shell=bash
index=$("$venv/bin/python" -m pip config get global.index-url 2>/dev/null || true)
[ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
export UV_SYSTEM_CERTS=1
