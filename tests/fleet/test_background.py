import asyncio
import threading

import pytest

from fleet.background import Background, in_thread


def test_it_runs_until_it_is_stopped_and_is_gone_then() -> None:
    said: list[str] = []

    async def run() -> None:
        said.append("began")
        try:
            await asyncio.Event().wait()
        finally:
            said.append("ended")

    async def whole() -> None:
        never = Background("never", run)
        await never.stop()
        task = Background("task", run)
        task.start()
        await asyncio.sleep(0)
        assert said == ["began"]
        await task.stop()
        assert said == ["began", "ended"]

    asyncio.run(whole())


def test_it_is_gone_only_when_its_thread_is() -> None:
    began, may_end = threading.Event(), threading.Event()
    said: list[str] = []

    def work() -> None:
        began.set()
        may_end.wait()
        said.append("worked")
        raise ValueError("nobody asks for this any more")

    async def whole() -> None:
        task = Background("task", lambda: in_thread(work))
        task.start()
        await asyncio.to_thread(began.wait)
        ended = asyncio.create_task(task.stop())
        await asyncio.sleep(0)
        assert not ended.done()
        may_end.set()
        await ended
        assert said == ["worked"]

    asyncio.run(whole())


def test_what_a_thread_found_or_raised_comes_back() -> None:
    assert asyncio.run(in_thread(divmod, 7, 2)) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(in_thread(divmod, 7, 0))
