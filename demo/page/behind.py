"""What happens behind the scenes: requests to the bot, what it said on Slack and Matrix, and what it keeps."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from operator import itemgetter
from urllib.parse import parse_qsl

from demo.matrix.held import Event
from demo.matrix.homeserver import BOT
from demo.page.ledger import Ledger
from demo.slack.api.call import ApiCall
from demo.slack.delivery.dispatch import Sent
from demo.slack.delivery.http_link import encoded
from demo.slack.state.records import Json
from demo.world.people import demo_users
from demo.world.watching import Seen
from demo.world.world import World

MOST = 60
#: How rooms on Matrix are encrypted; in the demo that is played, since all of it is in one process.
ALGORITHM = "m.megolm.v1.aes-sha2"


async def behind(world: World) -> Json:
    """Return everything of it, the newest first."""
    kept = await asyncio.wrap_future(world.bot.database.read(lambda reader: Ledger(world, reader).read()))
    return {
        "requests": _requests(world),
        "calls": _said(world),
        **kept,
    }


# ---- what reached the bot -------------------------------------------------------------------------------------


def _requests(world: World) -> list[Json]:
    """Return the newest requests; what the stand-in sent and what came to the door go in the same order."""
    seen = {held.body: held for held in world.watch.seen}
    newest = reversed(world.slack.dispatch.sent[-MOST:])
    return [_request(world, sent, seen.get(encoded(sent.delivery)[1])) for sent in newest]


def _request(world: World, sent: Sent, held: Seen | None) -> Json:
    payload, answer = sent.delivery.payload, sent.answer
    return {
        "at": _wall(world, sent.at),
        "kind": sent.delivery.kind,
        "what": _what(payload),
        "who": _who(world, payload),
        "status": answer.status,
        "failure": answer.failure,
        "ack_ms": round(answer.ack_ms, 1),
        "signature": held.signature if held else "",
        "timestamp": held.timestamp if held else "",
        "size": held.size if held else 0,
        "payload": payload,
        "answer": _readable(answer.body),
    }


def _what(payload: Json) -> str:
    if "command" in payload:
        return f"{payload['command']} {payload['text']}".strip()
    if payload.get("type") == "block_actions":
        return f"block_actions {payload['actions'][0]['action_id']}"
    if payload.get("type") == "event_callback":
        return str(payload["event"]["type"])
    return f"{payload.get('type')} {payload.get('view', {}).get('callback_id', '')}".strip()


def _who(world: World, payload: Json) -> str:
    user = payload.get("user_id") or payload.get("user", {}).get("id") or payload.get("event", {}).get("user", "")
    return _name(world, str(user))


def _readable(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return dict(parse_qsl(body.decode(errors="replace"))) or body.decode(errors="replace")


# ---- what the bot said ----------------------------------------------------------------------------------------


def _said(world: World) -> list[Json]:
    """Return its newest calls to Slack and its newest events on Matrix, in one order."""
    events = [event for event in world.matrix.held.events.values() if event.sender == BOT]
    both = [(call.at, _call(world, call)) for call in world.slack.calls[-MOST:]]
    both += [(event.at, _event(world, event)) for event in events[-MOST:]]
    return [found for _, found in sorted(both, key=itemgetter(0), reverse=True)[:MOST]]


def _event(world: World, event: Event) -> Json:
    """Return what the bot did in a room: what a Matrix server sees of it, and what only the room's people read."""
    room = world.matrix.held.rooms[event.room]
    others = [user.real_name for user in demo_users() if user.id in room.members]
    about = event.content.get("m.relates_to")
    sealed = event.kind == "m.room.message"
    seen = {"algorithm": ALGORITHM, "ciphertext": "…", **({"m.relates_to": about} if about else {})}
    return {
        "at": _wall(world, event.at),
        "matrix": True,
        "number": event.number,
        "method": f"{event.kind} → {room.name or ', '.join(others)}",
        "sealed": sealed,
        "seen": {"type": "m.room.encrypted" if sealed else event.kind, "content": seen if sealed else event.content},
        "read": event.content if sealed else {},
    }


def _call(world: World, call: ApiCall) -> Json:
    return {
        "at": _wall(world, call.at),
        "method": call.method,
        "status": call.status,
        "ok": call.ok,
        "error": call.result.get("error", ""),
        "fault": call.fault or "",
        "milliseconds": round(call.duration_ms, 1),
        "violations": [{"code": held.code, "where": held.pointer, "text": held.text} for held in call.violations],
        "args": call.args,
        "result": call.result,
    }


def _name(world: World, user: str) -> str:
    held = world.slack.directory.users.get(user)
    return held.real_name if held is not None else user


def _wall(world: World, at: float) -> str:
    return datetime.fromtimestamp(at, world.zone).isoformat()
