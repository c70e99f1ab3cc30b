"""The end of a demo: whatever somebody does at that moment, it comes, and soon."""

from __future__ import annotations

import asyncio
from pathlib import Path

from demo.page.serving import serving


async def test_a_demo_is_closed_also_in_the_moment_after_somebody_acted(tmp_path: Path) -> None:
    async with asyncio.timeout(20), serving(tmp_path / "demo") as page:
        await asyncio.sleep(0.05)  # the beat has begun to wait
        page.demo.acted()
