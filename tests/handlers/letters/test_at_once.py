"""What the threads of the database do at once in the first moment after a start.

The library that reads JSON learns of a type when the type is first read, and shows what it has half learnt to the
other threads: a process that was killed under load, and came back under load, was ended by the system (signal 11)
whenever two first letters of one kind met. So all types that are read on those threads are learnt while the modules
load, in one thread.
"""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT

READ = """
from types import SimpleNamespace
from handlers.letters.render import RENDERERS
from handlers.enqueue import What, board_owner
card = '{"title":"t","summary":"s","sections":[{"lines":["x"],"facts":[{"label":"l","value":"v"}]}]}'
letter = SimpleNamespace(args={"card": card, "reply_to": "r", "person": "p"})
def read():
    RENDERERS[What.WHISPER](None, None, letter)
"""
# Fresh processes, for a type is learnt once; forked, for loading takes long. Threads change places as often as can be.
RACE = """
import os, sys, threading
sys.setswitchinterval(1e-6)
def race():
    barrier, faults = threading.Barrier(8), []
    def first():
        barrier.wait()
        try:
            read()
        except BaseException as error:
            faults.append(error)
    threads = [threading.Thread(target=first) for _ in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    os._exit(len(faults))
ended = []
for _ in range(12):
    child = os.fork()
    if not child: race()
    ended.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(*ended)
"""


def test_threads_may_compose_their_first_answer_that_waited_at_the_same_moment() -> None:
    run = subprocess.run(
        [sys.executable, "-c", READ + RACE], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert run.stdout.split() == ["0"] * 12, run.stderr[-1000:]
