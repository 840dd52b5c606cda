# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From one program into the other, and the programs of awk on the way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drill import COPIED
from flow import Step, flow
from here import PATH, Failed, Here
from postgresql import EXTENSIONS


def step(script: str) -> Step:
    return Step(["sh", "-c", script], {"PATH": os.environ["PATH"]})


def test_the_end_of_a_step_that_failed_is_not_the_end_of_its_output(here: Here, tmp_path: Path) -> None:
    done = tmp_path / "done"
    steps = [step("echo half; echo broken >&2; exit 1"), step(f"cat; touch {done}")]
    with pytest.raises(Failed, match="sh says: broken"):
        flow(here, *steps)
    assert not done.exists()


def test_who_does_not_read_on_is_to_blame(here: Here) -> None:
    steps = [step("exec yes"), step("exec cat"), step("head -c 1; echo enough >&2; exit 3")]
    with pytest.raises(Failed, match="sh says: enough"):
        flow(here, *steps)


def test_a_flow_that_ends_well_gives_what_the_last_one_said(here: Here) -> None:
    steps = [step("head -c 3000000 /dev/zero"), step("cat"), step("wc -c")]
    assert flow(here, *steps).strip() == "3000000"


def test_rows_of_a_dump_are_counted(here: Here) -> None:
    tables = {"public.a (b)": "1\n2\n", "public.b (c)": "", "x.y": "z\n"}
    script = "SET x;\n" + "".join(f"COPY {name} FROM stdin;\n{rows}\\.\n" for name, rows in tables.items())
    steps = [step(f"cat <<'E'\n{script}E"), Step(["awk", COPIED], PATH)]
    assert flow(here, *steps).split() == ["3", "3"]


def test_extensions_are_made_by_who_may_and_rows_stay_rows(here: Here) -> None:
    extension = "CREATE EXTENSION IF NOT EXISTS a;\nCOMMENT ON EXTENSION a IS 'b';\n"
    script = f"SET x;\n{extension}COPY public.a (b) FROM stdin;\n{extension}\\.\nSELECT 1;\n"

    def made(role: str) -> str:
        awk = Step(["awk", "-v", f"role={role}", EXTENSIONS], PATH)
        return str(flow(here, step(f"cat <<'E'\n{script}E"), awk))

    first, second = extension.splitlines()
    role = 'set role "blog";'
    wrapped = "".join(f"reset role;\n{line}\n{role}\n" for line in (first, second))
    assert made(role) == script.replace(extension, wrapped, 1)
    assert made("") == script.replace(f"{second}\n", "", 1)
