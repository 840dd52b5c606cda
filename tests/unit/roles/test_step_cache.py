# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The interpreter that keeps compiled what steps bring along, as the processes that Ansible starts.

Other users' folders, and real steps, are tried on hosts: tests/ship/test_step_cache.py.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import re
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[3] / "roles/step_cache/files/python"
# What a step does: it writes a zip somewhere, and imports from it.
STEP = "import sys; sys.path.insert(0, {zip!r}); import part; print(part.VALUE); part.fail()"
PART = "VALUE = 'as written'\ndef fail():\n    assert not VALUE, 'failed'\n"
WORLD = """
import os, sys
print(sorted((name, str(value).split(" at 0x")[0]) for name, value in globals().items()))
print(sys.argv, sys.path, sys.flags, sys.executable, sys.orig_argv, sys.excepthook, sys.stdin.read(), os.read(0, 1))
import __main__
print(__main__.__dict__ is globals(), sys.modules["__main__"] is __main__, sorted(sys.modules))
"""
ENDS = {
    "well": "print('done')",
    "status": "raise SystemExit(3)",
    "words": "import sys; sys.exit('refused')",
    "error": "def act():\n    raise ValueError('no')\ntry:\n    act()\nfinally:\n    print('tidied')",
    "chained": "try:\n    1/0\nexcept ZeroDivisionError as e:\n    raise OSError('x') from e",
    "interrupted": "raise KeyboardInterrupt",
    "killed": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "at-exit": "import atexit; atexit.register(print, 'last'); raise SystemExit(4)",
    "own-hook": "import sys; sys.excepthook = lambda kind, error, trace: print(error, trace.tb_next); 1/0",
    "thread": "import threading; threading.Thread(target=lambda: print('late')).start()",
    "no-python": "def f(:",
    "no-text": b"# coding: utf-8\nprint('\xff')",
    "empty": "",
}


class Steps:
    """Runs scripts with the ordinary Python, and with a copy of the interpreter that has a folder of the test's."""

    def __init__(self, place: Path) -> None:
        self.place, self.folder, self.program = place, place / "var" / "bytecode", place / "python"
        text = PROGRAM.read_text()
        for old, new in (("/var/cache/slipway-bytecode", str(self.folder)), ("if user:", "if False:")):
            assert text.count(old) == 1
            text = text.replace(old, new)
        self.program.write_text(text)

    def ordinary(self, script, *arguments, **options):
        return self._run([sys.executable, *arguments], script, **options)

    def cached(self, script, *arguments, **options):
        return self._run([sys.executable, str(self.program), *arguments], script, **options)

    def _run(self, argv, script, environment=(), **options):
        given = script.encode() if isinstance(script, str) else script
        done = subprocess.run(
            argv, input=given, capture_output=True, env={**os.environ, **dict(environment)}, cwd=self.place, **options
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def step(self, name="one", part=PART, run=None, **options):
        """A step with a zip of its own, as each has, and what it says without the place of the zip."""
        archive = self.place / f"{name}.zip"
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("part.py", part)
        rc, out, err = (run or self.cached)(STEP.format(zip=str(archive)), **options)
        return rc, out, err.replace(str(archive), "ZIP")

    @property
    def entries(self):
        return sorted(path.name for path in self.folder.iterdir()) if self.folder.is_dir() else []

    def plant(self, name: str, source: str) -> None:
        """Replace an entry by one that says something else than its source: who reads it gives himself away."""
        data = marshal.dumps(compile(source, "planted", "exec"))
        seal = hashlib.blake2b(data, key=bytes.fromhex(name), digest_size=32).digest()
        (self.folder / name).write_bytes(seal + data)


@pytest.fixture
def steps(tmp_path: Path) -> Steps:
    return Steps(tmp_path)


@pytest.fixture
def usual(steps: Steps) -> tuple[int, str, str]:
    """What the step says with the ordinary Python."""
    said = steps.step(run=steps.ordinary)
    assert said[0] == 1 and said[1] == "as written\n" and 'File "ZIP/part.py", line 3, in fail' in said[2]
    return said


def test_a_script_finds_the_world_of_the_ordinary_python(steps):
    usual, found = steps.ordinary(WORLD), steps.cached(WORLD)
    assert "('__file__', '<stdin>')" in found[1]
    assert found == (0, usual[1].replace("'_abc', ", "'_abc', '_blake2', "), "")


def test_so_does_a_file(steps):
    script = steps.place / "AnsiballZ_x.py"
    script.write_text(WORLD)
    usual, found = (run("rest", str(script), "a", "-b") for run in (steps.ordinary, steps.cached))
    assert f"['{script}', 'a', '-b'] ['{steps.place}', " in found[1]
    assert found == (0, usual[1].replace("'_abc', ", "'_abc', '_blake2', "), "")


@pytest.mark.parametrize("script", ENDS.values(), ids=list(ENDS))
def test_a_script_ends_as_with_the_ordinary_python(steps, script):
    assert steps.cached(script) == steps.ordinary(script)
    file = steps.place / "step.py"
    file.write_bytes(script if isinstance(script, bytes) else script.encode())
    assert steps.cached("", str(file)) == steps.ordinary("", str(file))


@pytest.mark.parametrize(
    "arguments", [["-c", "print(1)"], ["-V"], ["-"], ["-m", "platform"], ["step.py"], ["/gone.py"], ["--nonsense"]]
)
def test_what_no_step_is_started_with_is_left_to_the_ordinary_python(steps, arguments):
    (steps.place / "step.py").write_text("print('relative')")
    script = "print('from standard input')"
    assert steps.cached(script, *arguments) == steps.ordinary(script, *arguments)


def test_the_second_step_takes_what_the_first_has_compiled(steps, usual):
    assert steps.step("one") == usual
    [name] = steps.entries
    steps.plant(name, "VALUE = 'kept'\ndef fail(): pass")
    assert steps.step("two") == (0, "kept\n", "")
    assert steps.entries == [name]


def test_a_traceback_names_the_zip_of_its_own_step(steps, usual):
    assert steps.step("one") == usual
    assert steps.step("two") == usual


def test_another_content_is_another_entry(steps):
    steps.step()
    assert steps.step(part=PART.replace("as written", "as changed"))[1] == "as changed\n"
    assert len(steps.entries) == 2


def test_a_module_that_does_not_compile_is_reported_as_ever(steps):
    usual, found = (steps.step(part="def f(:", run=run) for run in (steps.ordinary, steps.cached))
    own = r'  File "[^"]*/python", line \d+, in __call__\n(?:   .*\n)*'
    assert found[:2] == usual[:2] and re.sub(own, "", found[2]) == usual[2]
    assert steps.entries == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:20],
        lambda data: data[:-1],
        lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:],
        lambda data: bytes([data[0] ^ 1]) + data[1:],
        lambda data: b"\0" * len(data),
    ],
    ids=["empty", "seal cut", "cut", "bit of the code", "bit of the seal", "zeros"],
)
def test_a_damaged_entry_is_not_used_and_made_anew(steps, usual, damage):
    steps.step()
    [name] = steps.entries
    whole = (steps.folder / name).read_bytes()
    (steps.folder / name).write_bytes(damage(whole))
    assert steps.step() == usual
    assert (steps.folder / name).read_bytes() == whole and steps.entries == [name]


def test_an_entry_under_the_name_of_another_is_not_used(steps, usual):
    steps.step()
    [name] = steps.entries
    steps.step(part="VALUE = 'other'\ndef fail(): pass")
    [other] = set(steps.entries) - {name}
    (steps.folder / name).write_bytes((steps.folder / other).read_bytes())
    assert steps.step() == usual


def test_an_entry_that_cannot_be_read_or_written_is_done_without(steps, usual):
    steps.step()
    [name] = steps.entries
    (steps.folder / name).unlink()
    (steps.folder / name).mkdir()
    assert steps.step() == usual and steps.entries == [name]


def _link(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to("elsewhere")


SPOILT: dict[str, Callable[[Path], None]] = {
    "everybody's": lambda folder: folder.chmod(0o777),
    "a group's": lambda folder: folder.chmod(0o770),
    "readable": lambda folder: folder.chmod(0o755),
    "a link": _link,
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=list(SPOILT))
def test_nothing_is_taken_from_a_folder_that_is_not_the_users_alone(steps, usual, spoil):
    steps.step()
    [name] = steps.entries
    steps.plant(name, "VALUE = 'somebody else'\ndef fail(): pass")
    before = (steps.folder / name).read_bytes()
    spoil(steps.folder)
    assert steps.step() == usual
    assert (steps.folder / name).read_bytes() == before and steps.entries == [name]


def test_a_file_in_the_place_of_the_folder_is_no_folder(steps, usual):
    steps.folder.parent.mkdir()
    steps.folder.write_text("")
    assert steps.step() == usual


def test_the_folder_is_the_users_alone_whatever_the_umask_says(steps, usual):
    assert steps.step(umask=0) == usual
    assert [path.stat().st_mode & 0o777 for path in (steps.folder, steps.folder.parent)] == [0o700, 0o700]


def test_a_full_disk_costs_nothing_but_time(steps, usual):
    steps.folder.mkdir(parents=True, mode=0o700)
    no_room = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))}
    assert steps.step(**no_room) == usual
    assert steps.entries == []


@pytest.mark.parametrize("gone", ["zipimport._compile_source", "_imp._fix_co_filename"])
def test_a_python_that_compiles_in_another_way_is_left_alone(steps, gone):
    (steps.place / "sitecustomize.py").write_text(f"import zipimport, _imp\ndel {gone}\n")
    foreign = {"environment": {"PYTHONPATH": str(steps.place)}}
    assert steps.cached("print('ran')", **foreign) == (0, "ran\n", "")
    assert not steps.folder.exists()


def test_each_python_has_entries_of_its_own(steps, usual):
    steps.step()
    (steps.place / "sitecustomize.py").write_text("import sys\nsys.version += ' upgraded'\n")
    assert steps.step(environment={"PYTHONPATH": str(steps.place)}) == usual
    assert len(steps.entries) == 2
    # without assertions the same source is another program
    assert steps.step(environment={"PYTHONOPTIMIZE": "1"}) == (0, "as written\n", "")
    assert steps.step() == usual and len(steps.entries) == 3


def test_what_is_old_goes_when_something_is_added(steps):
    steps.step()
    [old] = steps.entries
    month = time.time() - 32 * 86400
    os.utime(steps.folder / old, (month, month))
    steps.step()
    assert steps.entries == [old]
    steps.step(part=PART + "\n")
    assert old not in steps.entries and len(steps.entries) == 1


def test_the_oldest_goes_when_it_is_too_much(steps):
    steps.step()
    [young] = steps.entries
    for name, hours, mb in (("older", 3, 1), ("large", 2, 64), ("draft.7", 1, 1)):
        with (steps.folder / name).open("wb") as file:
            file.truncate(mb * 1024 * 1024)
        then = time.time() - hours * 3600
        os.utime(steps.folder / name, (then, then))
    steps.step(part=PART + "\n")
    assert {young, "draft.7"} < set(steps.entries) and not {"older", "large"} & set(steps.entries)


def test_many_at_once(steps, usual):
    zips = [f"zip{number}" for number in range(12)]
    parts = "".join(f"VALUE_{number} = {number}\n" for number in range(2000)) + PART
    for name in zips:
        with zipfile.ZipFile(steps.place / f"{name}.zip", "w") as file:
            file.writestr("part.py", parts)
    started = [
        subprocess.Popen(
            [sys.executable, str(steps.program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in zips
    ]
    ended = [
        one.communicate(STEP.format(zip=str(steps.place / f"{name}.zip")).encode())
        for one, name in zip(started, zips, strict=True)
    ]
    assert {out for out, _err in ended} == {b"as written\n"}
    [name] = steps.entries
    whole = (steps.folder / name).read_bytes()
    assert whole[:32] == hashlib.blake2b(whole[32:], key=bytes.fromhex(name), digest_size=32).digest()
