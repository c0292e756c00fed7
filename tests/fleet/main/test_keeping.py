"""Programs that are killed come back by themselves, from the thread that owns them."""

from __future__ import annotations

import os
import queue
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fleet import osrm
from fleet.errors import Unavailable
from fleet.main.keeping import kept
from fleet.roads import Roads

CROSS = """<?xml version='1.0'?><osm version="0.6">
<node id="1" version="1" lat="36.45" lon="115.98"/><node id="2" version="1" lat="36.46" lon="115.98"/>
<node id="3" version="1" lat="36.46" lon="115.99"/><node id="4" version="1" lat="36.45" lon="115.99"/>
<way id="1" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
<tag k="highway" v="residential"/></way></osm>
"""
CORNERS = [(115.98, 36.451), (115.989, 36.46)]


class Sleeper:
    """A program that can be killed; each start is told, with the thread that did it."""

    def __init__(self, fails: int = 0) -> None:
        self.child: subprocess.Popen[bytes] | None = None
        self.starts: queue.Queue[tuple[int, int]] = queue.Queue()
        self._fails = fails

    @property
    def alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def start(self) -> None:
        self.child = subprocess.Popen(["sleep", "60"])
        self.starts.put((self.child.pid, threading.get_ident()))

    def restart(self) -> None:
        if self._fails:
            self._fails -= 1
            raise Unavailable("not now")
        self.start()

    def stop(self) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.wait()


def test_a_killed_program_is_started_again_even_when_that_fails_at_first() -> None:
    sleeper = Sleeper(fails=2)
    with kept(sleeper, "sleeper", look_s=0.01):
        pid, thread = sleeper.starts.get(timeout=10)
        os.kill(pid, signal.SIGKILL)
        again, same_thread = sleeper.starts.get(timeout=10)
        assert again != pid
        assert same_thread == thread != threading.get_ident()
    assert not sleeper.alive
    assert sleeper.starts.empty()


def test_a_program_that_never_starts_says_so_to_who_wanted_it() -> None:
    class Stillborn(Sleeper):
        def start(self) -> None:
            raise Unavailable("no such program")

    with pytest.raises(Unavailable, match="no such program"), kept(Stillborn(), "stillborn"):
        pass


@pytest.fixture
def town(road_home: Path) -> Path:
    """A home with the roads of a crossing."""
    path = road_home / "cross.osm"
    path.write_text(CROSS)
    osrm.build(road_home, path)
    return road_home


def test_a_killed_road_server_comes_back_and_roads_are_roads_again(town: Path) -> None:
    router = osrm.Router(town)
    started = threading.Event()

    class Told:
        """The router, telling when it was started again."""

        alive = property(lambda _: router.alive)

        def start(self) -> None:
            router.start()

        def restart(self) -> None:
            router.restart()
            started.set()

        def stop(self) -> None:
            router.stop()

    with kept(Told(), "road server", look_s=0.02):
        url, pid = router.url, router.pid
        assert pid is not None
        before = Roads(url)
        assert before.route(CORNERS).basis == "road"
        before.close()
        os.kill(pid, signal.SIGKILL)
        assert started.wait(20)
        assert router.url == url
        after = Roads(url)
        assert after.route(CORNERS).basis == "road"
        after.close()
    assert not router.alive


def test_a_road_server_that_was_started_again_still_dies_with_its_parent(town: Path) -> None:
    program = """
import os, pathlib, signal, sys, time
from fleet import osrm
from fleet.main.keeping import kept
router = osrm.Router(pathlib.Path(sys.argv[1]))
with kept(router, "road server", look_s=0.02):
    first = router.pid
    os.kill(first, signal.SIGKILL)
    while router.pid in (first, None) or not router.alive:
        time.sleep(0.01)
    print(router.pid, flush=True)
    sys.stdin.read()
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(town)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = next(int(line) for line in parent.stdout if line.strip().isdigit())
    watch = os.pidfd_open(pid)
    parent.kill()
    parent.communicate()
    assert select.select([watch], [], [], 10)[0]
    os.close(watch)
