"""The stand-in's addresses over HTTP: Web API, uploads, downloads, response URLs and the Socket Mode door."""

from __future__ import annotations

import json
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from demo.slack.api.arguments import parse_multipart
from demo.slack.api.web_api import Reply, WebApi
from demo.slack.delivery.socket_mode import SocketMode
from demo.slack.people.answers import respond
from demo.slack.state.files import media_type
from demo.slack.state.records import Json


class ConnectionDropped(Exception):
    """The stand-in cut the connection; raised only where there is no real connection to cut."""


class Dropped(Response):
    """Not an answer but the end of the connection, before a single byte."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Cut the connection that the server lent us, see `serving`."""
        transport = scope.get("state", {}).get("transport")
        if transport is None:
            raise ConnectionDropped
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            continue


def http_answer(reply: Reply) -> Response:
    """Return a reply as an HTTP response."""
    if reply.dropped:
        return Dropped()
    headers = {**reply.headers, "content-type": reply.content_type()}
    return Response(reply.body(), reply.status, headers)


class Pages:
    """The request handlers."""

    def __init__(self, api: WebApi, sockets: SocketMode) -> None:
        self._api = api
        self._sockets = sockets
        self._state = api.state

    def app(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(
            routes=[
                Route("/api/{method:path}", self.call, methods=["GET", "POST"]),
                Route("/upload/v1/{file_id}", self.upload, methods=["POST"]),
                Route("/files-pri/{team_file}/{name}", self.download),
                Route("/commands/{path:path}", self.respond, methods=["POST"]),
                Route("/actions/{path:path}", self.respond, methods=["POST"]),
                WebSocketRoute("/link/", self._sockets.serve),
            ]
        )

    async def call(self, request: Request) -> Response:
        """Answer a Web API call."""
        reply = await self._api.answer(
            request.path_params["method"],
            request.headers.get("content-type", ""),
            await request.body(),
            request.scope["query_string"].decode("latin-1"),
            request.headers.get("authorization", ""),
        )
        return http_answer(reply)

    async def upload(self, request: Request) -> Response:
        """Take the bytes of a promised file, bare or as a form."""
        body = await request.body()
        kind = request.headers.get("content-type", "")
        if kind.startswith("multipart/form-data"):
            body = next(iter(parse_multipart(kind, body).values()), b"")
        file_id = request.path_params["file_id"]

        def work() -> Reply:
            file = self._state.files.upload(file_id, body)
            if file is None:
                return Reply({"ok": False}, 400, text="failed")
            return Reply({"ok": True}, text=f"OK - {file.size}", team=file.team)

        return http_answer(await self._api.guarded("files.upload", {"file_id": file_id}, work))

    async def download(self, request: Request) -> Response:
        """Give a file to whoever shows the team's token."""
        team, _, file_id = request.path_params["team_file"].partition("-")
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        install = self._state.directory.installation_of(token)
        file = self._state.files.find(file_id)
        if file is None or install is None or install.team != team or file.team != team:
            return Response("file_not_found", 404)
        return Response(file.content, media_type=media_type(file))

    async def respond(self, request: Request) -> Response:
        """Carry out what is sent to a response URL."""
        path = unquote(request.url.path).removeprefix(request.scope.get("root_path", ""))
        payload = _object(await request.body())

        def work() -> Reply:
            if payload is None:
                return Reply({"ok": False, "error": "invalid_payload"}, 400, text="invalid_payload")
            held = self._state.response_urls.use(path)
            if isinstance(held, str):
                return Reply({"ok": False, "error": held}, 404)
            word, violations = respond(self._state, held, payload)
            good = word == "ok"
            result = {"ok": good} if good else {"ok": False, "error": word}
            status = 200 if good else 400
            return Reply(result, status, text=word, violations=violations, team=held.team)

        return http_answer(await self._api.guarded("response_url", payload or {}, work))


def _object(body: bytes) -> Json | None:
    try:
        held = json.loads(body)
    except ValueError:
        return None
    return held if isinstance(held, dict) else None
