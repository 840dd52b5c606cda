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
from typing import Any

from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.plugin_utils import controller

LOOK_SECONDS = 0.5
NICE = 10  # what the playbook does meanwhile is the longer part
CRASH = "crash"
Answer = dict[str, Any]


def begin(work: Callable[[], Answer]) -> str:
    """Start `work`; the path of the file that will hold its answer. It ends when the playbook does."""
    playbook = controller.this_run("")["pid"]
    assert isinstance(playbook, int)
    descriptor, path = tempfile.mkstemp(prefix="slipway-beside-")
    # held by the process, so by nobody once that is gone; taken before there are two
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    child = os.fork()
    # Ansible ends the process group of a worker that outlives its play: no longer ours, whichever of us is first here
    os.setpgid(child, child)
    if child:
        os.close(descriptor)
        return path
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        os.nice(NICE)
        threading.Thread(target=_end_with, args=(playbook,), daemon=True).start()
        try:
            answer = work()
        except Exception as error:
            answer = {CRASH: f"{type(error).__name__}: {error}"}
        os.write(descriptor, json.dumps(answer).encode())
        os.close(descriptor)
        # who asks for the answer takes the file away; a playbook that ends without asking leaves it to us
        while Path(path).exists() and _lives(playbook):
            time.sleep(LOOK_SECONDS)
    except KeyboardInterrupt:
        pass
    finally:
        Path(path).unlink(missing_ok=True)
        os._exit(0)  # nothing of the playbook's worker, whose copy we are, may run at our end


def wait(path: str) -> Answer:
    """The answer, once it is there: the limit is that of the work. A process that died without one is an error."""
    with Path(path).open(encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        text = file.read()
    Path(path).unlink(missing_ok=True)
    if not text:
        raise SlipwayError("The process that worked beside this playbook was killed. Run it again.")
    answer: Answer = json.loads(text)
    if CRASH in answer:
        raise SlipwayError(f"The process that worked beside this playbook failed. {answer[CRASH]}")
    return answer


def peek(path: str) -> Answer | None:
    """The answer if it is there; it stays for who waits for it."""
    with Path(path).open(encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        text = file.read()
    return json.loads(text) if text else None


def _end_with(playbook: int) -> None:
    """Interrupt the work when nobody is left who wants it; it ends what it has started itself."""
    while _lives(playbook):
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGINT)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
