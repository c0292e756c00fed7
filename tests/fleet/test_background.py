import asyncio

from fleet.background import Background


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
