# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins of hosting platforms, for tests. Each says at its top what it models and what it does not."""
