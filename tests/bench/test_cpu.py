from __future__ import annotations

import os
import threading

from tests.bench.cpu import busy_s, cpu_s


def test_what_an_ended_thread_has_run_stays_counted() -> None:
    before_s = busy_s(os.getpid())
    thread = threading.Thread(target=lambda: sum(range(2_000_000)))
    thread.start()
    thread.join()
    after_s = busy_s(os.getpid())
    assert after_s - before_s > 0.001
    assert cpu_s(os.getpid()) >= after_s - 1, "as the coarser count says"
