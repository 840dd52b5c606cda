# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work of the controller that goes on in a process of its own while the playbook does something else."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.plugin_utils import controller

LOOK_SECONDS = 0.5
NICE = 10  # what the playbook does meanwhile is the longer part
CRASH = "crash"
EARLY = ".early"
Answer = dict[str, Any]
Tell = Callable[[Answer], None]


def begin(work: Callable[[Tell], Answer]) -> str:
    """Start `work`; the path of the file that will hold its answer. It ends when the playbook does.

    What `work` tells, once, before it has its answer is for `early`.
    """
    playbook = controller.this_run("")["pid"]
    assert isinstance(playbook, int)
    descriptor, path = tempfile.mkstemp(prefix="slipway-beside-")
    before = os.open(path + EARLY, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    # held by the process, so by nobody once that is gone; taken before there are two
    for held in (descriptor, before):
        fcntl.flock(held, fcntl.LOCK_EX)
    child = os.fork()
    # Ansible ends the process group of a worker that outlives its play: no longer ours, whichever of us is first here
    os.setpgid(child, child)
    if not child:
        _live(work, path, descriptor, before, playbook)
    os.close(descriptor)
    os.close(before)
    return path


def _live(work: Callable[[Tell], Answer], path: str, descriptor: int, before: int, playbook: int) -> NoReturn:
    """The life of the process."""

    def tell(early: Answer) -> None:
        os.write(before, json.dumps(early).encode())
        fcntl.flock(before, fcntl.LOCK_UN)

    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        os.nice(NICE)
        threading.Thread(target=_end_with, args=(playbook, path), daemon=True).start()
        try:
            answer = work(tell)
        except Exception as error:
            answer = {CRASH: f"{type(error).__name__}: {error}"}
        fcntl.flock(before, fcntl.LOCK_UN)
        os.write(descriptor, json.dumps(answer).encode())
        os.close(descriptor)
        # there is nothing left to interrupt, and an interrupt on the way out would keep us alive
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # a playbook that ends without asking for the answer leaves the file to us
        _while_wanted(playbook, path)
    except KeyboardInterrupt:
        pass
    finally:
        _remove(path)
        os._exit(0)  # nothing of the playbook's worker, whose copy we are, may run at our end


def wait(path: str) -> Answer:
    """The answer, once it is there: the limit is that of the work. A process that died without one is an error."""
    with Path(path).open(encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        text = file.read()
    _remove(path)
    if not text:
        raise SlipwayError("The process that worked beside this playbook was killed. Run it again.")
    answer: Answer = json.loads(text)
    if CRASH in answer:
        raise SlipwayError(f"The process that worked beside this playbook failed. {answer[CRASH]}")
    return answer


def early(path: str, patient: bool) -> Answer:
    """What was told before the answer; nothing where none will come, or where it has not, for who is not patient."""
    with Path(path + EARLY).open(encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | (0 if patient else fcntl.LOCK_NB))
        except BlockingIOError:
            return {}
        text = file.read()
    told: Answer = json.loads(text) if text else {}
    return told


def end(path: str) -> None:
    """Nobody will ask for the answer: the work ends soon."""
    _remove(path)


def _remove(path: str) -> None:
    for name in (path, path + EARLY):
        Path(name).unlink(missing_ok=True)


def _end_with(playbook: int, path: str) -> None:
    """Interrupt the work when nobody is left who wants it; it ends what it has started itself."""
    _while_wanted(playbook, path)
    os.kill(os.getpid(), signal.SIGINT)


def _while_wanted(playbook: int, path: str) -> None:
    """Until the playbook has ended, or the file was taken away: with the answer, or because nobody wants one."""
    while Path(path).exists() and _lives(playbook):
        time.sleep(LOOK_SECONDS)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
