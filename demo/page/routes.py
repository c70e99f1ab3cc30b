"""The page's addresses. Everything a visitor does goes through `/api/`, as JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import TypeAlias, TypeVar

import msgspec
from jinja2 import Environment
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from demo.matrix.person import Person as MatrixPerson
from demo.page import mailbox
from demo.page.acts import carry_out
from demo.page.around import Person
from demo.page.behind import behind
from demo.page.bodies import (
    Afresh,
    Done,
    FeastComes,
    FollowUpDue,
    Hours,
    MeetingOver,
    Nothing,
    Passing,
    Replied,
    Trouble,
    Until,
)
from demo.page.checking import check_seal
from demo.page.demo import Demo
from demo.page.month import month
from demo.page.others import let_others_answer
from demo.page.replying import NoSuchInvite, reply
from demo.page.rooms import Rooms
from demo.page.screen import Screen
from demo.page.story import after_meeting, follow_up_due, story
from demo.slack.errors import NotVisible
from demo.slack.state.files import media_type
from demo.world.examples import example
from demo.world.holidays import first_day
from demo.world.texts import texts

T = TypeVar("T")
Handler: TypeAlias = Callable[[Request], Awaitable[Response]]

_PAGE = files(__package__)
_MORNING = time(8, 0)
#: So far ahead a visitor may go at once: every day on the way is lived through.
_LONGEST_JUMP = timedelta(days=400)


def page_app(demo: Demo) -> Starlette:
    """Return the page's application."""
    return Starlette(
        routes=[
            Route("/", _with(demo, _index)),
            Route("/api/screen", _with(demo, _screen)),
            Route("/api/act", _with(demo, _act), methods=["POST"]),
            Route("/api/example", _with(demo, _example)),
            Route("/api/time", _with(demo, _time), methods=["POST"]),
            Route("/api/trouble", _with(demo, _trouble), methods=["POST"]),
            Route("/api/restart", _with(demo, _restart), methods=["POST"]),
            Route("/api/reply", _with(demo, _reply), methods=["POST"]),
            Route("/api/inbox", _with(demo, _inbox)),
            Route("/api/mail", _with(demo, _mail)),
            Route("/api/month", _with(demo, _month)),
            Route("/api/behind", _with(demo, _behind)),
            Route("/api/others", _with(demo, _others), methods=["POST"]),
            Route("/api/seal", _with(demo, _seal), methods=["POST"]),
            Route("/api/events", _with(demo, _events)),
            Route("/files/{file_id}/{name}", _with(demo, _file)),
            Route("/media/{file_id}/{name}", _with(demo, _media)),
            Route("/invites/{number:int}/invite.ics", _with(demo, _invite)),
            Mount("/static", StaticFiles(directory=Path(str(_PAGE / "static")))),
        ],
        exception_handlers={NotVisible: _not_visible, HTTPException: _refused},
    )


def _with(demo: Demo, handler: Callable[[Demo, Request], Awaitable[Response]]) -> Handler:
    async def handle(request: Request) -> Response:
        if not demo.is_open:  # it is being closed or begun afresh, and the page asks on meanwhile
            return JSONResponse({"error": "gone"}, status_code=503)
        return await handler(demo, request)

    return handle


async def _not_visible(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 409)


async def _refused(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    return JSONResponse({"error": detail}, status)


async def _body(request: Request, kind: type[T]) -> T:
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise HTTPException(415, "only JSON")
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except msgspec.MsgspecError as wrong:
        raise HTTPException(400, str(wrong)) from wrong


def _person(demo: Demo, request: Request) -> Person:
    return demo.world.person(request.query_params.get("person", ""))


# ---- the page --------------------------------------------------------------------------------------------------


async def _index(demo: Demo, _request: Request) -> Response:
    words = texts(demo.world.language)
    source = (_PAGE / "index.html.j2").read_text(encoding="utf-8")
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source)
    held = json.dumps(words.held, ensure_ascii=False).replace("<", "\\u003c")
    return HTMLResponse(template.render(t=words, language=words.language, texts=held))


async def _screen(demo: Demo, request: Request) -> Response:
    person, world = _person(demo, request), demo.world
    looks = Rooms(world, person) if isinstance(person, MatrixPerson) else Screen(world, person)
    screen = looks.drawn(request.query_params.get("place", ""))
    return JSONResponse(screen | {"story": await story(demo.world), "moving": demo.moving, "round": demo.round})


async def _events(demo: Demo, _request: Request) -> Response:
    async def told() -> AsyncIterator[str]:
        async for number in demo.watch():
            yield f"data: {number}\n\n"

    return StreamingResponse(told(), media_type="text/event-stream")


async def _file(demo: Demo, request: Request) -> Response:
    file = demo.world.slack.state.files.find(request.path_params["file_id"])
    if file is None:
        raise HTTPException(404)
    headers = {"content-disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type=media_type(file), headers=headers)


async def _media(demo: Demo, request: Request) -> Response:
    content = demo.world.matrix.held.files.get(request.path_params["file_id"])
    if content is None:
        raise HTTPException(404)
    if request.path_params["name"].endswith(".png"):
        return Response(content, media_type="image/png")
    return Response(content, media_type="text/calendar", headers={"content-disposition": "attachment"})


async def _invite(demo: Demo, request: Request) -> Response:
    found = mailbox.calendar_file(demo.world, request.path_params["number"])
    if found is None:
        raise HTTPException(404)
    headers = {"content-disposition": 'attachment; filename="invite.ics"'}
    return Response(found, media_type="text/calendar", headers=headers)


# ---- what a visitor does ---------------------------------------------------------------------------------------


async def _act(demo: Demo, request: Request) -> Response:
    done = await _body(request, Done)
    shown = await carry_out(demo.world, done.person, done.act)
    demo.acted()
    return JSONResponse(shown)


async def _example(demo: Demo, request: Request) -> Response:
    person, world = _person(demo, request), demo.world
    if isinstance(person, MatrixPerson) or person.view is None:
        raise NotVisible("no form is open")
    told = await story(world) or {"held": 0, "proposed": []}
    last, agreed = told["held"] > 0, bool(told["proposed"])
    values = example(
        person.view, person.user.id, world.now().date(), world.calendar, world.words, last=last, agreed=agreed
    )
    return JSONResponse(values)


async def _time(demo: Demo, request: Request) -> Response:
    asked: object = await _body(request, Passing)  # type: ignore[arg-type]
    instant = await _instant(demo, asked)
    now = demo.world.clock.now()
    if not now < instant <= now + _LONGEST_JUMP:
        raise HTTPException(400, demo.world.words("time.refused"))
    await demo.move_to(instant)
    return JSONResponse({"now": demo.world.now().isoformat()})


async def _instant(demo: Demo, asked: object) -> datetime:
    world = demo.world
    today = world.now().date()
    match asked:
        case Hours(count=count):
            return world.clock.now() + timedelta(hours=min(max(count, 1), 240))
        case Until(day=day):
            return world.calendar.at(day, _MORNING)
        case MeetingOver():
            return await after_meeting(world) or world.clock.now()
        case FollowUpDue():
            return await follow_up_due(world) or world.clock.now()
        case FeastComes(feast=feast):
            return world.calendar.at(first_day(feast, today), _MORNING)
        case _:
            return world.calendar.at(world.calendar.next_working_day(today), _MORNING)


async def _trouble(demo: Demo, request: Request) -> Response:
    asked = await _body(request, Trouble)
    troubles = demo.world.troubles
    switch = {
        "limited": troubles.limit_rate,
        "erring": troubles.err,
        "outage": troubles.be_out,
        "outsider": troubles.let_in_outsider,
    }[asked.kind]
    switch(on=asked.on)
    demo.acted()
    return JSONResponse({})


async def _reply(demo: Demo, request: Request) -> Response:
    asked = await _body(request, Replied)
    try:
        await reply(demo.world, asked.number, asked.answer)
    except NoSuchInvite as missing:
        raise HTTPException(404) from missing
    demo.acted()
    return JSONResponse({})


async def _restart(demo: Demo, request: Request) -> Response:
    asked = await _body(request, Afresh)
    await demo.restart(asked.language)
    return JSONResponse({"round": demo.round})


# ---- what can be looked at beside the chat -----------------------------------------------------------------------


async def _inbox(demo: Demo, request: Request) -> Response:
    return JSONResponse(mailbox.inbox(demo.world, _person(demo, request).user.name))


async def _mail(demo: Demo, request: Request) -> Response:
    found = mailbox.opened(demo.world, _number(request, "number"))
    if found is None:
        raise HTTPException(404)
    demo.acted()
    return JSONResponse(found)


async def _month(demo: Demo, request: Request) -> Response:
    person = _person(demo, request).user.name
    year, number = _number(request, "year"), _number(request, "month")
    if not (2020 <= year <= 2090 and 1 <= number <= 12):  # noqa: PLR2004 - years of the holiday tables, months of a year
        raise HTTPException(400)
    return JSONResponse(month(demo.world, person, year, number))


async def _behind(demo: Demo, _request: Request) -> Response:
    return JSONResponse(await behind(demo.world))


async def _others(demo: Demo, request: Request) -> Response:
    await _body(request, Nothing)
    answered = await let_others_answer(demo.world)
    demo.acted()
    return JSONResponse({"answered": answered})


async def _seal(demo: Demo, request: Request) -> Response:
    await _body(request, Nothing)
    return JSONResponse(await check_seal(demo.world))


def _number(request: Request, name: str) -> int:
    held = request.query_params.get(name, "")
    if not held.isascii() or not held.isdigit() or len(held) > 6:  # noqa: PLR2004 - longer than any year or mail
        raise HTTPException(400, name)
    return int(held)
