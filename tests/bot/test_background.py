"""What runs beside the answers: nothing of it is lost, and a stop never waits for it without end."""

from __future__ import annotations

import asyncio

from bot.background import Background, ended


async def test_a_task_whose_cancellation_a_library_swallowed_is_cancelled_again() -> None:
    swallowed = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            swallowed.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await ended([task], again=0.01)
    assert swallowed.is_set()
    assert task.cancelled()


async def test_what_a_task_starts_at_its_end_is_waited_for_too() -> None:
    background, said = Background(), list[str]()

    async def excuse() -> None:
        await asyncio.sleep(0.01)
        said.append("excuse")

    async def form() -> None:
        await asyncio.sleep(0.01)
        background.start(excuse(), "excuse")

    background.start(form(), "form")
    await background.finish(5)
    assert said == ["excuse"]
    assert len(background) == 0


async def test_what_does_not_end_in_its_time_is_cancelled() -> None:
    background = Background()
    task = background.start(asyncio.Event().wait(), "for ever")
    await background.finish(0.01)
    assert task.cancelled()
