"""Keeps others out: the page answers only to this machine's own names, and other sites' pages get nothing done."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NAMES = ("127.0.0.1", "localhost", "[::1]")
_SAFE = frozenset({"GET", "HEAD"})

HEADERS = {
    # Scripts, styles and requests of this page alone; pictures also from data, for the icons in the style sheet.
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}


class Guard:
    """Refuses requests for another host, so that a page elsewhere cannot reach the demo through a name of its own.

    What changes something must also come from the page itself (`Origin`) when the browser says where from.
    """

    def __init__(self, app: ASGIApp, port: Callable[[], int]) -> None:
        self._app = app
        self._port = port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request of this machine's own through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        hosts = {f"{name}:{self._port()}" for name in _NAMES}
        origin = headers.get("origin")
        if headers.get("host", "").lower() not in hosts:
            await PlainTextResponse("This is not the demo's address.", 403)(scope, receive, send)
            return
        if scope["method"] not in _SAFE and origin is not None and origin not in {f"http://{host}" for host in hosts}:
            await PlainTextResponse("This came from another page.", 403)(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                held = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    held.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)
