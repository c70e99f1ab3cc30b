"""The web server's own routes: alive, ready, metrics; and beside them what the platforms and calendars bring."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.metrics import CONTENT_TYPE, Metrics

Ready = Callable[[], Awaitable[dict[str, str]]]
READY = "ok"


def metrics_app(metrics: Metrics) -> Starlette:
    """Return what stands on an address for metrics alone."""

    async def show_metrics(_request: Request) -> Response:
        return Response(metrics.render(), media_type=CONTENT_TYPE)

    return Starlette(routes=[Route("/metrics", show_metrics)])


def web_app(metrics: Metrics | None, ready: Ready, more: Sequence[BaseRoute] = ()) -> Starlette:
    """Return the ASGI application, with `more` routes beside its own. Without `metrics` they are shown elsewhere.

    `ready` names what is asked and how it stands; anything but "ok" is not ready.
    """

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse(READY)

    async def readyz(_request: Request) -> Response:
        found = await ready()
        return JSONResponse(found, status_code=200 if set(found.values()) <= {READY} else 503)

    shown = [] if metrics is None else metrics_app(metrics).routes
    app = Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz), *shown, *more])
    # A redirect to the same path with a slash would repeat whatever Host the caller made up.
    app.router.redirect_slashes = False
    return app
