"""SIGTERM as Ctrl-C."""

import os
import signal
import threading

import pytest

from zc_bench._internal.interrupts import sigterm_as_ctrl_c


def test_sigterm_raises_what_ctrl_c_raises_and_only_in_the_block():
    def terminated():
        with sigterm_as_ctrl_c():
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        terminated()
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_handler_of_the_caller_stays():
    heard = []
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append("term"))
    try:
        with sigterm_as_ctrl_c():
            os.kill(os.getpid(), signal.SIGTERM)
        assert heard == ["term"]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_in_another_thread_nothing_changes():
    found = []

    def look():
        with sigterm_as_ctrl_c():
            found.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGTERM)]
