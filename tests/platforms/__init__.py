# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins for platforms that no test can reach: what each one models, and what not, stands at its top."""
