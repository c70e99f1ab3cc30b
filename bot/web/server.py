"""The web server's own routes: alive, ready, metrics, and Slack's way in (README)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from bot.metrics import CONTENT_TYPE, Metrics

Ready = Callable[[], Awaitable[dict[str, str]]]
READY = "ok"


def web_app(metrics: Metrics, ready: Ready, slack: ASGIApp | None, more: Sequence[BaseRoute] = ()) -> Starlette:
    """Return the ASGI application. `ready` names what is asked and how it stands; anything but "ok" is not ready."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse(READY)

    async def readyz(_request: Request) -> Response:
        found = await ready()
        return JSONResponse(found, status_code=200 if set(found.values()) <= {READY} else 503)

    async def show_metrics(_request: Request) -> Response:
        return Response(metrics.render(), media_type=CONTENT_TYPE)

    routes: list[BaseRoute] = [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", show_metrics),
        *more,
    ]
    if slack is not None:
        routes.append(Route("/slack/events", slack, methods=None))
    return Starlette(routes=routes)
