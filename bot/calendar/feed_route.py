"""`GET /kalender/<secret>.ics`: a person's own calendar feed, fetched by whatever program has the address."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.calendar.feed import FeedFile, build_feed
from bot.metrics import Metrics
from handlers.looks import Look, note_looks
from handlers.services import Services
from handlers.steps import calendar_feed
from storage.engine.database import Database
from storage.transaction import Reader

PLATFORM = "feed"

# Nobody but the reader's own program may keep it, nobody may list it, and no address is told to other sites.
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def feed_route(database: Database, services: Services, metrics: Metrics) -> Route:
    """Return the route that serves feeds. Reading one changes nothing but the journal: that it was read is a line."""

    async def serve(request: Request) -> Response:
        secret: str = request.path_params["secret"]
        found = await asyncio.wrap_future(database.read(lambda reader: _feed(services, reader, secret)))
        if found is None:
            metrics.refused(PLATFORM, "unknown_address")
            return PlainTextResponse("Not Found", status_code=404, headers=_HEADERS)
        shown, feed = found
        headers = {**_HEADERS, "ETag": feed.etag}
        if _has(request.headers.get("if-none-match", ""), feed.etag):
            metrics.inbound(PLATFORM, "unchanged")
            return Response(status_code=304, headers=headers)
        await asyncio.wrap_future(database.write(lambda tx: note_looks(tx, shown.staff, shown.codes, Look.FEED)))
        metrics.inbound(PLATFORM, "served")
        return Response(feed.data, media_type="text/calendar; charset=utf-8", headers=headers)

    return Route(f"{calendar_feed.PATH}{{secret}}.ics", serve)


def _feed(services: Services, reader: Reader, secret: str) -> tuple[calendar_feed.Feed, FeedFile] | None:
    found = calendar_feed.read(services, reader, secret)
    return None if found is None else (found, build_feed(found.name, found.meetings, reader.now))


def _has(known: str, etag: str) -> bool:
    """Say whether the program has this state already (RFC 9110 13.1.2; comparison is weak)."""
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    return etag in tags or "*" in tags
