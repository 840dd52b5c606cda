# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests: ``python -m unittest discover`` in the folder above."""
