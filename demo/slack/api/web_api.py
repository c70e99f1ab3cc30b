"""The Web API: checks who calls and how often, runs the method, lets troubles strike, keeps a record."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.slack.block_kit.rules import Violation
from demo.slack.api.arguments import Arguments, parse_arguments
from demo.slack.api.call import ApiCall, Call, Method
from demo.slack.api.methods import METHODS
from demo.slack.api.rate_limits import RateLimits
from demo.slack.errors import ApiError
from demo.slack.faults import Fault, Faults
from demo.slack.state.records import Installation, Json
from demo.slack.state.state import State


@dataclass(slots=True)
class Reply:
    """What goes back over HTTP; `dropped` means that the connection is cut instead."""

    result: Json
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    text: str | None = None
    dropped: bool = False
    broken: bool = False
    violations: tuple[Violation, ...] = ()
    team: str | None = None

    def body(self) -> bytes:
        """Return the bytes of the answer."""
        if self.text is not None:
            return self.text.encode()
        whole = json.dumps(self.result).encode()
        return whole[: len(whole) // 2] if self.broken else whole

    def content_type(self) -> str:
        """Return the media type of the answer."""
        return "application/json; charset=utf-8" if self.text is None else "text/plain; charset=utf-8"


class WebApi:
    """Slack's Web API on a `State`; every call ends up in `calls`."""

    def __init__(self, state: State, faults: Faults, limits: RateLimits) -> None:
        self.state = state
        self.faults = faults
        self.limits = limits
        self.calls: list[ApiCall] = []

    async def answer(
        self, method: str, content_type: str, body: bytes, query: str = "", authorization: str = ""
    ) -> Reply:
        """Answer one request to `/api/<method>`."""
        try:
            args = parse_arguments(content_type, body, query)
        except ApiError as refused:
            return Reply(refused.body())
        header = authorization.removeprefix("Bearer ").strip() if authorization.startswith("Bearer ") else ""
        in_body = "" if content_type.startswith("application/json") else str(args.get("token", ""))
        args.pop("token", None)
        return await self.guarded(method, args, lambda: self._run(method, args, header or in_body))

    async def guarded(self, method: str, args: Json, work: Callable[[], Reply]) -> Reply:
        """Do a piece of work unless a trouble strikes, and keep a record of it."""
        began = time.perf_counter()
        struck = self.faults.take(method, _named_channel(args))
        for fault in struck:
            if fault.kind == "delay":
                await asyncio.sleep(fault.seconds)
        ending = next((fault for fault in struck if fault.kind != "delay"), None)
        if ending is not None and not ending.after_effect:
            reply = _trouble(ending)
        else:
            reply = work()
            if ending is not None:
                reply = _trouble(ending, reply)
        elapsed = (time.perf_counter() - began) * 1000
        self._record(method, args, reply, elapsed, struck)
        return reply

    def _record(self, method: str, args: Json, reply: Reply, elapsed: float, struck: list[Fault]) -> None:
        call = ApiCall(
            method=method,
            team=reply.team,
            args=args,
            status=0 if reply.dropped else reply.status,
            result=reply.result,
            violations=reply.violations,
            duration_ms=elapsed,
            at=self.state.clock(),
            fault="+".join(fault.kind for fault in struck) or None,
        )
        self.calls.append(call)
        self.state.stream.publish("api_call", call=call)

    def _run(self, name: str, args: Json, token: str) -> Reply:
        call = Call(self.state, Arguments(args))
        try:
            method = _method(name)
            call.installation = self._authorized(method, token)
            self._in_scope(method, call)
            waiting = self._waiting(name, method, call)
            if waiting:
                return _too_many(waiting, call.installation)
            result: dict[str, Any] = {"ok": True, **method.run(call)}
            violations = tuple(call.noted)
        except ApiError as refused:
            result, violations = refused.body(), (*call.noted, *refused.violations)
        team = call.installation.team if call.installation else None
        return Reply(result, violations=violations, team=team)

    def _authorized(self, method: Method, token: str) -> Installation | None:
        if method.caller == "anyone":
            return None
        if not token:
            raise ApiError("not_authed")
        if token == self.state.app.app_token:
            if method.caller != "app":
                raise ApiError("not_allowed_token_type")
            return None
        install = self.state.directory.installation_of(token)
        if install is None:
            raise ApiError("invalid_auth")
        if install.revoked:
            raise ApiError("token_revoked")
        if method.caller == "app":
            raise ApiError("not_allowed_token_type")
        return install

    def _in_scope(self, method: Method, call: Call) -> None:
        held = call.installation.scopes if call.installation else None
        if held is None or not method.scope:
            return
        needed = method.scope if isinstance(method.scope, str) else method.scope(call)
        if needed not in held:
            raise ApiError("missing_scope", needed=needed, provided=",".join(sorted(held)))

    def _waiting(self, name: str, method: Method, call: Call) -> int:
        team = call.installation.team if call.installation else ""
        waiting = self.limits.wait_for_method(name, team, method.per_minute)
        if not waiting and name == "chat.postMessage":
            waiting = self.limits.wait_for_message(call.args.text("channel"))
        return waiting


def _method(name: str) -> Method:
    if name not in METHODS:
        raise ApiError("unknown_method", req_method=name)
    return METHODS[name]


def _named_channel(args: Json) -> str | None:
    named = args.get("channel") or args.get("channel_id")
    return named if isinstance(named, str) else None


def _too_many(seconds: int, install: Installation | None) -> Reply:
    headers = {"Retry-After": str(seconds)}
    team = install.team if install else None
    return Reply({"ok": False, "error": "ratelimited"}, 429, headers, team=team)


def _trouble(fault: Fault, reply: Reply | None = None) -> Reply:
    """Return the answer that a trouble makes of `reply`, or of nothing when the work was not done."""
    reply = reply or Reply({"ok": False, "error": "service_unavailable"})
    if fault.kind == "rate_limited":
        return _too_many(fault.retry_after, None)
    if fault.kind == "server_error":
        reply.status, reply.text = fault.status, "upstream connect error"
    elif fault.kind == "malformed":
        reply.broken = True
    else:
        reply.dropped = True
    return reply
