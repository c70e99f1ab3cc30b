"""Shows pictures in messages: drawn, kept with Slack, and named in a block that also holds their words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.delivery.outcome import Never
from bot.delivery.transport import Delivery
from bot.picture.drawn import drawn
from bot.picture.image import NotDrawn
from bot.slack.api import SlackApi, SlackFailed, answered
from bot.slack.draw import Drawn, picture_message
from bot.slack.upload import keep
from handlers.ui.outgoing import Picture

#: Seconds before each attempt to show a file that was just uploaded: until Slack has read it, it knows no such file.
READING = (0.3, 0.7, 2.0, 4.0, 8.0)


async def show(api: SlackApi, picture: Picture, post: Callable[[Drawn], Awaitable[Delivery]]) -> Delivery:
    """Show a picture by `post`, which sends a message; raises SlackFailed.

    Its words stand in the message. Told at the upload (`alt_txt`) they would keep the file from being shared anywhere,
    while Slack answers that all went well (python-slack-sdk, issue 1818).
    """
    try:
        content = (await drawn(picture)).content
    except NotDrawn:
        return Never("not_drawn")
    file = await keep(api, content, picture.filename, picture.title)
    for pause in READING:
        await asyncio.sleep(pause)
        try:
            return await post(picture_message(picture, file))
        except SlackFailed as failed:
            if failed.code != "invalid_blocks":
                raise
    with suppress(SlackFailed):  # nobody has seen it
        await answered(api.client.files_delete(file=file))
    return Never("invalid_blocks")
