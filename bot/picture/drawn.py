"""Has pictures drawn beside the event loop; the library for it is loaded with the first one (decision 22)."""

from __future__ import annotations

import asyncio
import logging

from bot.error_log import report
from bot.picture.image import Image, NotDrawn
from handlers.ui.outgoing import Picture

_logger = logging.getLogger(__name__)


async def drawn(picture: Picture) -> Image:
    """Draw a picture.

    Raises:
        NotDrawn: it does not work, which stands in the log.
    """
    try:
        return await asyncio.to_thread(_draw, picture)
    except Exception as error:
        report(_logger, "a picture could not be drawn", error)
        raise NotDrawn from error


def _draw(picture: Picture) -> Image:
    from bot.picture.drawing import draw  # noqa: PLC0415 - its library costs 15 MB; most processes never draw

    return draw(picture)
