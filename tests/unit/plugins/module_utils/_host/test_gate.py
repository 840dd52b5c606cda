# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate from end to end: real git, uv, ssh-keygen and tests; packages of our own instead of an index."""

from __future__ import annotations

import dataclasses
import ensurepip
import json
import os
import shutil
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.slipway.flask.plugins.module_utils._core import wsgi
from ansible_collections.slipway.flask.plugins.module_utils._core.attestation import UNTESTED, Wanted, judge
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import export, gate, signing
from ansible_collections.slipway.flask.plugins.module_utils._host.gatecache import GateCache
from tests.unit.plugins.module_utils._host.samples import APPLICATION, PASSING, commit, offline, survivors, wheel

pytestmark = pytest.mark.long

BACKEND = """import zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    info = "shop-1.0.dist-info"
    with zipfile.ZipFile(f"{folder}/shop-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: shop\\nVersion: 1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return "shop-1.0-py3-none-any.whl"
"""
SRC_LAYOUT = {
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1.0"\n'
    '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
    "backend.py": BACKEND,
    "requirements.txt": "",
    "src/shop.py": "from importlib.metadata import version\n\napp = print\nassert version('shop') == '1.0'\n",
}
MINOR = sysconfig.get_python_version()


@pytest.fixture
def order(tmp_path: Path) -> gate.Order:
    """What a user with a small passing application without requirements asks for."""
    commit(tmp_path / "source", APPLICATION, "Ready")
    wheel(tmp_path / "index", "alpha", "1.0")
    return gate.Order(
        app_name="blog",
        source=str(tmp_path / "source"),
        version="HEAD",
        subdir="",
        imports={"app_wsgi": wsgi.parse("wsgi:app")},
        folders=[],
        requirements=[],
        extras=[],
        install_project=None,
        packages=[],
        pythons=[MINOR],
        test={},
        key=tmp_path / "key",
        signer="ann@office",
        cache=GateCache(tmp_path / "cache", "blog"),
        environment=offline(tmp_path / "index", tmp_path / "uv"),
    )


@pytest.fixture
def needy(order: gate.Order) -> gate.Order:
    """The same with something to lock."""
    return dataclasses.replace(order, requirements="auto", packages=["alpha"])


def change(order: gate.Order, **files: str) -> None:
    commit(Path(order.source), {name.replace("__", "/") + ".py": text for name, text in files.items()}, "Changed")


def refused(order: gate.Order, **test: Any) -> str:
    with pytest.raises(SlipwayError) as caught:
        gate.run(dataclasses.replace(order, test=test), check=False)
    assert not order.cache.work.exists()
    assert not list(order.cache.records.glob("*/record.json"))
    assert not list(order.cache.records.glob("*/attestation.json*"))
    return str(caught.value)


def test_a_tested_build_is_signed_and_a_host_takes_it(needy: gate.Order, tmp_path: Path) -> None:
    result, warnings = gate.run(needy, check=False)
    build = result["builds"][MINOR]
    assert warnings == ([] if build["isolation"] != "none" else warnings)
    assert result["changed"] and result["plan"][0] == f"lock 1 packages for Python {MINOR}"
    assert (result["subject"], result["dirty"]) == ("Ready", [])
    assert build["tests"]["total"] == build["tests"]["passed"] == 1
    assert build["tested_on"] and not build["untested"] and not build["cached"]
    assert needy.cache.last_pythons() == [MINOR]
    for part in (result["artifact"], build["lock"], build["attestation"], build["signature"]):
        assert export.digest(Path(part["path"])) == part["sha256"]
    record = Path(build["attestation"]["path"]).read_bytes()
    (tmp_path / "signers").write_text(signing.signers_line("ann@office", result["signer"]["public_key"]))
    signature = Path(build["signature"]["path"]).read_bytes()
    assert signing.verify(tmp_path / "signers", "ann@office", record, signature)
    document = json.loads(record)
    assert judge(document, Wanted("blog", result["artifact"]["sha256"], build["lock"]["sha256"])) == []
    assert document["predicate"]["slipway"]["commit"] == result["commit"]
    assert "alpha==1.0" in Path(build["lock"]["path"]).read_text()
    assert Path(build["junit"]).exists() and "test_fine" in Path(build["log"]).read_text()


def test_a_project_that_its_import_needs_is_installed_for_its_tests(order: gate.Order, tmp_path: Path) -> None:
    (pip,) = Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl")
    shutil.copy(pip, tmp_path / "index")
    commit(Path(order.source), {**SRC_LAYOUT, "wsgi.py": "# moved\n"}, "Below src")
    installed = dataclasses.replace(order, imports={"app_wsgi": wsgi.parse("shop:app")}, requirements="auto")
    result, _ = gate.run(installed, check=False)
    assert result["install_project"]
    assert "pip==" in Path(result["builds"][MINOR]["lock"]["path"]).read_text()
    commit(Path(order.source), {"backend.py": "raise RuntimeError('no backend today')\n"}, "Broken")
    with pytest.raises(SlipwayError, match=r"(?s)cannot be installed.*no backend today.*app_install_project: false"):
        gate.run(installed, check=False)


def test_nothing_new_is_not_tested_again(needy: gate.Order) -> None:
    first, _ = gate.run(needy, check=False)
    again, _ = gate.run(dataclasses.replace(needy, environment={"UV_OFFLINE": "1", "UV_NO_INDEX": "1"}), check=False)
    assert not again["changed"] and again["plan"] == []
    assert again["builds"][MINOR]["cached"]
    assert again["artifact"] == first["artifact"]
    unchanged = ("lock", "attestation", "signature", "tests", "junit", "log")
    assert {key: again["builds"][MINOR][key] for key in unchanged} == {
        key: first["builds"][MINOR][key] for key in unchanged
    }
    assert again["seconds"] < 1.5


def test_a_record_that_is_used_is_as_new(needy: gate.Order) -> None:
    first, _ = gate.run(needy, check=False)
    record, artifact = Path(first["builds"][MINOR]["attestation"]["path"]).parent, Path(first["artifact"]["path"])
    for used in (record, artifact):
        os.utime(used, (1, 1))
    gate.run(needy, check=False)
    # or another run of the same application would prune it before it is handed over
    assert min(used.stat().st_mtime for used in (record, artifact)) > 1


@pytest.mark.parametrize("what", ["attestation.json", "attestation.json.sig", "record.json", "tar.gz", "lock", "key"])
def test_what_was_touched_in_the_cache_is_made_again(needy: gate.Order, what: str) -> None:
    first, _ = gate.run(needy, check=False)
    if what == "key":
        needy.key.unlink()
    elif what == "lock":
        Path(first["builds"][MINOR]["lock"]["path"]).write_text("evil==1 --hash=sha256:00\n")
    elif what == "tar.gz":
        Path(first["artifact"]["path"]).write_bytes(b"evil")
    else:
        path = next(needy.cache.records.glob(f"*/{what}"))
        path.write_bytes(path.read_bytes().replace(b"1", b"2") if what != "record.json" else b"")
    again, _ = gate.run(needy, check=False)
    assert again["artifact"] == first["artifact"]
    assert again["builds"][MINOR]["lock"] == first["builds"][MINOR]["lock"]
    # The archive is a function of the commit: put right, its record holds again.
    assert again["builds"][MINOR]["cached"] == (what in ("tar.gz", "lock"))
    assert gate.run(needy, check=False)[0]["changed"] is False


def test_a_different_question_is_another_test(order: gate.Order) -> None:
    gate.run(order, check=False)
    for other in (
        dataclasses.replace(order, test={"environment": {"A": "1"}}),
        dataclasses.replace(order, test={"arguments": ["-v"]}),
        dataclasses.replace(order, imports={"app_wsgi": wsgi.parse("wsgi:app()")}),
    ):
        assert gate.run(other, check=True)[0]["plan"][-1].startswith("run the tests")


def test_check_mode_says_what_would_be_done_and_signs_nothing(needy: gate.Order) -> None:
    result, _ = gate.run(needy, check=True)
    assert result["plan"][-1].startswith(f"run the tests of {result['commit'][:10]} (Ready) on Python {MINOR}")
    assert result["changed"]
    assert result["builds"][MINOR]["attestation"] is None
    assert result["signer"] == {"name": "ann@office", "public_key": ""}
    assert not needy.key.exists()
    assert list(needy.cache.records.iterdir()) == []
    ran, _ = gate.run(needy, check=False)
    assert (ran["artifact"], ran["builds"][MINOR]["lock"]) == (result["artifact"], result["builds"][MINOR]["lock"])
    assert gate.run(needy, check=True)[0]["changed"] is False


def test_a_lock_does_not_move_by_itself(needy: gate.Order, tmp_path: Path) -> None:
    first, _ = gate.run(needy, check=True)
    wheel(tmp_path / "index", "alpha", "2.0")
    change(needy, README="")
    assert gate.run(needy, check=True)[0]["builds"][MINOR]["lock"] == first["builds"][MINOR]["lock"]
    moved, _ = gate.run(dataclasses.replace(needy, packages=["alpha>=1"]), check=True)
    assert "alpha==2.0" in Path(moved["builds"][MINOR]["lock"]["path"]).read_text()


def test_uncommitted_changes_are_named_and_not_shipped(order: gate.Order) -> None:
    (Path(order.source) / "wsgi.py").write_text("broken(")
    result, warnings = gate.run(order, check=True)
    assert result["dirty"] == ["wsgi.py"]
    assert warnings[0] == f"ships commit {result['commit'][:10]}; not included: wsgi.py"


def test_untested_is_said_and_has_a_type_of_its_own(order: gate.Order) -> None:
    change(order, tests__test_sample="raise SystemExit(3)\n")
    result, warnings = gate.run(dataclasses.replace(order, test={"enabled": False}), check=False)
    build = result["builds"][MINOR]
    assert build["untested"] and build["tests"] is None
    assert json.loads(Path(build["attestation"]["path"]).read_bytes())["predicateType"] == UNTESTED
    assert any("untested" in warning for warning in warnings)
    assert gate.run(dataclasses.replace(order, test={"enabled": False}), check=False)[0]["changed"] is False


def test_a_python_that_is_not_here_is_stood_in_for_and_that_is_said(order: gate.Order) -> None:
    result, warnings = gate.run(dataclasses.replace(order, pythons=["3.99"]), check=True)
    assert result["builds"]["3.99"]["tested_on"] is False
    assert any("no Python 3.99" in warning for warning in warnings)


HEADER = "import os, time, unittest\nclass Sample(unittest.TestCase):\n"


@pytest.mark.parametrize(
    ("test", "parts"),
    [
        (
            HEADER + "    def test_bad(self):\n        self.assertEqual(1, 2)\n",
            ["1 failed", "Sample.test_bad", "1 != 2"],
        ),
        (
            HEADER + "    def test_sub(self):\n        for n in 1, 2, 3:\n"
            "            with self.subTest(n=n): self.assertEqual(n, 2)\n",
            ["2 failed", "test_sub (n=1)", "test_sub (n=3)"],
        ),
        (
            HEADER + "    @classmethod\n    def setUpClass(cls): 1 / 0\n    def test_a(self): pass\n",
            ["setUpClass", "Zero"],
        ),
        (
            HEADER + "    @unittest.expectedFailure\n    def test_a(self): pass\n",
            ["1 failed", "marked as an expected failure"],
        ),
        ("import absent\n", ["1 error", "import of tests.test_sample", "No module named 'absent'"]),
        ("", ["no test was found"]),
        (HEADER + "    @unittest.skip('no')\n    def test_a(self): pass\n", ["every test was skipped (1)"]),
        (
            HEADER + "    @unittest.expectedFailure\n    def test_a(self): self.fail()\n",
            ["every test was skipped (1)"],
        ),
        (HEADER + "    def test_a(self): os._exit(0)\n", ["exit status 0 and left no report"]),
        (HEADER + "    def test_a(self): os.kill(os.getpid(), 9)\n", ["signal 9"]),
    ],
)
def test_tests_that_do_not_pass_ship_nothing(order: gate.Order, test: str, parts: list[str]) -> None:
    change(order, tests__test_sample=test)
    said = refused(order)
    for part in [*parts, "(Changed) do not let it ship", "tests.log"]:
        assert part in said


def test_tests_that_do_not_end_are_ended_with_all_they_started(order: gate.Order) -> None:
    mark = "slipway-sample-sleep"
    started = f"os.system(\"trap '' TERM; setsid sh -c 'sleep 60 # {mark}' & sleep 60 # {mark}\")"
    change(order, tests__test_sample=f"{HEADER}    def test_a(self): {started}\n")
    assert "did not end within 1 s" in refused(order, timeout=1)
    assert survivors(mark) == []


@pytest.fixture
def wide(order: gate.Order) -> gate.Order:
    """The same in two processes, each with a class of two tests that would stumble over the folders of the other."""
    body = "    def setUp(self):\n        for folder in '.', os.environ['HOME'], '/tmp': os.mkdir(folder + '/mine')\n"
    body += (
        "    def tearDown(self):\n        for folder in '.', os.environ['HOME'], '/tmp': os.rmdir(folder + '/mine')\n"
    )
    body += "    def test_a(self): time.sleep(0.5)\n    def test_b(self): pass\n"
    change(order, tests__test_one=HEADER + body, tests__test_sample=HEADER + body)
    return dataclasses.replace(order, test={"processes": 2, "minimum": 4})


def test_processes_do_not_meet_and_are_counted_together(wide: gate.Order) -> None:
    assert "only 4 tests ran, app_test.minimum is 5" in refused(wide, processes=2, minimum=5)
    result, _warnings = gate.run(wide, check=False)
    build = result["builds"][MINOR]
    assert (build["tests"]["passed"], build["processes"]) == (4, 2)
    assert json.loads(Path(build["attestation"]["path"]).read_bytes())["predicate"]["slipway"]["processes"] == 2
    assert "process 2 of 2" in Path(build["junit"]).read_text()
    log = Path(build["log"]).read_text()
    assert "Process 1 of 2" in log and log.count("test_a (") == 2
    assert gate.run(dataclasses.replace(wide, test={**wide.test, "processes": 1}), check=True)[0]["changed"]


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("self.fail('oh no')", ["1 failed, 3 passed", "FAILED tests.test_other.Sample.test_a", "oh no"]),
        ("os._exit(0)", ["process 1 of 2", "test_a", "exit status 0 and left no report"]),
        ("os.kill(os.getpid(), 11)", ["process 1 of 2", "signal 11 and left no report"]),
        ("self._outcome.result.stop()", ["found by all processes and run by one", "test_other.Sample.test_b"]),
    ],
)
def test_one_process_that_does_not_pass_is_enough(wide: gate.Order, body: str, parts: list[str]) -> None:
    text = f"{HEADER}    def test_a(self): {body}\n    def test_b(self): pass\n"
    change(wide, tests__test_other=text, tests__test_one="", tests__test_sample=text.replace(body, "pass"))
    said = refused(wide, processes=2)
    for part in [*parts, "(Changed) do not let it ship", "tests.log"]:
        assert part in said, said


def test_all_processes_are_ended_in_time(wide: gate.Order) -> None:
    mark = "slipway-sample-share"
    started = f"os.system(\"trap '' TERM; setsid sh -c 'sleep 60 # {mark}' & sleep 60 # {mark}\")"
    first = f"{HEADER}    def test_hangs(self): {started}\n" + "".join(f"    def test_{n}(self): pass\n" for n in "ab")
    talkative = f"{HEADER}    def test_a(self): print(*range(99), sep='\\n')\n"
    change(wide, tests__test_one=first, tests__test_sample=talkative)
    said = refused(wide, processes=2, timeout=2)
    assert "did not end within 2 s" in said and "test_hangs" in said
    assert survivors(mark) == []


@pytest.mark.parametrize(
    ("text", "address", "parts"),
    [
        (
            "import absent\n",
            "wsgi:app",
            ["wsgi:app cannot be served", "No module named 'absent'", 'File "wsgi.py", line 1'],
        ),
        ("def (\n", "wsgi:app", ["SyntaxError"]),
        ("app = 3\n", "wsgi:app", ["app is int, which cannot be called"]),
        ("", "wsgi:app", ["has no attribute 'app'"]),
        ("", "absent:app", ["No module named 'absent'"]),
    ],
)
def test_an_application_that_cannot_be_served(order: gate.Order, text: str, address: str, parts: list[str]) -> None:
    change(order, wsgi=text)
    said = refused(dataclasses.replace(order, imports={"app_wsgi": wsgi.parse(address)}))
    assert all(part in said for part in parts)
    assert "importlib" not in said


@pytest.mark.parametrize(
    "text", ["import os; os.environ['SECRET_KEY']\n", "raise SystemExit(1)\n", "import os; os._exit(7)\n"]
)
def test_an_application_that_wants_its_environment_is_only_warned_about(order: gate.Order, text: str) -> None:
    change(order, wsgi=text)
    warnings = gate.run(order, check=False)[1]
    assert any("wsgi:app was not imported" in warning for warning in warnings)


def test_handlers_of_another_kind_have_to_be_there_too(order: gate.Order) -> None:
    change(order, live="handlers = []\n")

    def with_handlers(address: str) -> gate.Order:
        return dataclasses.replace(order, imports={**order.imports, "tornado_handlers": wsgi.parse(address)})

    said = refused(with_handlers("live:absent"))
    assert "tornado_handlers live:absent cannot be served" in said and "app_programs" not in said
    assert gate.run(with_handlers("live:handlers"), check=False)[0]["builds"]


def test_a_static_folder_that_the_commit_does_not_have(order: gate.Order) -> None:
    assert gate.run(dataclasses.replace(order, folders=["tests/"]), check=True)[0]["plan"]
    said = refused(dataclasses.replace(order, folders=["tests", "test"]))
    assert said.startswith("app_static names the folder test, and the commit has no file in it")


def test_a_command_gives_its_own_report(order: gate.Order) -> None:
    report = '<testsuite><testcase name="a"/><testcase name="b"><skipped/></testcase></testsuite>'
    written = {"command": ["sh", "-c", f"echo '{report}' > $SLIPWAY_JUNIT_XML"]}
    counts = gate.run(dataclasses.replace(order, test=written), check=False)[0]["builds"][MINOR]["tests"]
    assert (counts["total"], counts["passed"], counts["skipped"]) == (2, 1, 1)
    assert gate.run(dataclasses.replace(order, test={"command": ["true"], "minimum": 0}), check=False)[0]["changed"]


@pytest.mark.parametrize(
    ("test", "part"),
    [
        ({"command": ["true"]}, "left no report"),
        ({"command": ["false"], "minimum": 0}, "exit status 1"),
        ({"command": ["sh", "-c", "ln -s /etc/passwd $SLIPWAY_JUNIT_XML"]}, "left no report"),
        ({"command": ["no-such-runner"]}, "exit status 127"),
        ({"minimum": 2}, "only 1 tests ran"),
        ({"runner": "command"}, "command is empty"),
    ],
)
def test_a_command_or_a_minimum_that_does_not_hold(order: gate.Order, test: dict[str, Any], part: str) -> None:
    assert part in refused(order, **test)


def test_code_sees_a_clean_tree_and_cannot_spoil_the_artifact(order: gate.Order) -> None:
    (Path(order.source) / "untracked.txt").write_text("")
    body = "        self.assertFalse(os.path.exists('untracked.txt'))\n        open('wsgi.py', 'w').write('spoilt')\n"
    change(order, tests__test_sample=f"{HEADER}    def test_a(self):\n{body}")
    assert "untracked.txt" in refused(order)
    (Path(order.source) / "untracked.txt").unlink()
    commit(Path(order.source), {"tests/test_sample.py": PASSING})
    assert gate.run(order, check=False)[0]["builds"]


@pytest.mark.skipif(os.getuid() != 0, reason="another user needs root")
def test_a_strict_umask_costs_no_isolation(order: gate.Order) -> None:
    before = os.umask(0o077)
    try:
        assert gate.run(order, check=False)[0]["builds"][MINOR]["isolation"] == "user"
    finally:
        os.umask(before)


def test_what_cannot_ship_stops_before_anything_is_tested(order: gate.Order) -> None:
    (Path(order.source) / "out").symlink_to("/etc")
    commit(Path(order.source), {})
    assert "out -> /etc" in refused(order)
    assert "cannot be installed" in refused(dataclasses.replace(order, packages=["absent"]))
