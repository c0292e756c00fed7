from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from routing.checker import violations
from routing.parts_pool import Pool, plan_part, without_missing_things
from routing.problem import Equipment, Problem
from routing.search import Effort
from routing.vetting import vet
from tests.routing.instances import day_visit, district, in_a_row


def small() -> Problem:
    return district(vans=2, visits=20, dropoffs=2, cells=2)


def test_who_needs_a_thing_that_the_part_does_not_have_is_left_out() -> None:
    vans = tuple(replace(van, inside=None, in_beat_s=None) for van in district(vans=2).vans)
    visits = (day_visit("A", 2, equipment=frozenset({"climber"})), day_visit("B", 3))
    problem = in_a_row(vans, visits, equipment=(Equipment("climber", 0),))
    vet(without_missing_things(problem))
    plan = plan_part(problem, ((), ()), Effort(steps=50))
    assert plan.unserved == (0,)


@pytest.mark.process
def test_processes_plan_as_this_one_does_and_end_when_told() -> None:
    problem, nothing = small(), ((), ())
    with Pool(1) as alone, Pool(2) as two, ThreadPoolExecutor(2) as threads:
        here = alone.plan(problem, nothing, Effort(steps=100))
        there = threads.map(lambda _: two.plan(problem, nothing, Effort(steps=100)), range(2))
        assert list(there) == [here, here]
        assert len(multiprocessing.active_children()) == 2
        endless = threads.submit(two.plan, problem, nothing, Effort(seconds=3600))
        two.stop()
        assert violations(problem, endless.result(60)) == ()
    assert multiprocessing.active_children() == []


_PARENT = """
import os, sys, threading
from concurrent.futures import ThreadPoolExecutor
from routing.parts_pool import Pool
from routing.search import Effort
from tests.routing.test_parts_pool import small

def main():
    pool = Pool(2)
    threads = ThreadPoolExecutor(1)
    threads.submit(pool.plan, small(), ((), ()), Effort(steps=1)).result()
    import multiprocessing
    print(*(each.pid for each in multiprocessing.active_children()), flush=True)
    pool.plan(small(), ((), ()), Effort(seconds=3600))

if __name__ == "__main__":
    main()
"""


@pytest.mark.process
def test_no_process_outlives_a_killed_worker(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    root = Path(__file__).resolve().parents[2]
    environ = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen([sys.executable, script], env=environ, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        children = [int(each) for each in parent.stdout.readline().split()]
        assert children
        for child in children:
            os.kill(child, signal.SIGTERM)  # as a service manager that ends the whole group
        parent.kill()
    gone = threading.Event()
    ends_at = time.monotonic() + 60
    while any(Path(f"/proc/{child}").exists() for child in children) and time.monotonic() < ends_at:
        gone.wait(0.05)
    assert not any(Path(f"/proc/{child}").exists() for child in children)
