"""The seal of the journal, checked on demand: the same walk as `sipbot audit verify`, told in words."""

from __future__ import annotations

import asyncio
from functools import partial

from demo.slack.state.records import Json
from demo.world.world import World
from storage.audit import Anchor, Break, Walk
from storage.transaction import Reader


async def check_seal(world: World) -> Json:
    """Walk along every chain of the journal; return whether it is whole, and what was found."""
    walk, read = Walk(), world.bot.database.read
    while not walk.done and not walk.breaks:
        await asyncio.wrap_future(read(lambda reader: reader.audit.go_on(walk)))
    gone, anchor = await asyncio.wrap_future(read(_rest))
    found = [*walk.breaks, *gone]
    code: str | None = ""
    while code is not None:
        more, code = await asyncio.wrap_future(read(partial(_documents, code)))
        found += more
    return {"whole": not found, "words": _in_words(world, walk, found, anchor)}


def _rest(reader: Reader) -> tuple[list[Break], Anchor]:
    return list(reader.audit.gone()), reader.audit.anchor(reader.now)


def _documents(after: str, reader: Reader) -> tuple[list[Break], str | None]:
    return reader.audit.rolled_back(after)


def _in_words(world: World, walk: Walk, found: list[Break], anchor: Anchor) -> list[str]:
    words = world.words
    when = world.bot.services.speak(world.language).moment(world.clock.now())
    if found:
        return [
            words("seal.broken", when=when),
            *(words(f"seal.{b.fault.value}", code=b.code or words("behind.system"), row=b.seq) for b in found),
        ]
    return [
        words("seal.whole", when=when, rows=walk.rows, chains=anchor.chains),
        words("seal.anchor", root=anchor.root[:16]),
    ]
