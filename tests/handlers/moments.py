"""Moments that many stories begin at: each is reached once, and taken up again from then on by all workers.

Hundreds of stories begin with a case that is opened, consented to and summoned. Getting there costs more than most of
what they then tell. What is taken up is what a bot that was restarted would find: its database, the workspace and what
was sent there, the mails, and the time.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from demo.slack.stand_in import StandIn
from tests.running.worker import SHARED

if TYPE_CHECKING:
    from tests.handlers.story import Story

Stretch: TypeAlias = Callable[..., Awaitable[str]]

# Whom and what every workspace of the stories has from the beginning: not kept, but pointed at.
SEEDED = ("teams", "users", "channels", "installations")
CONTAINERS = (dict, list, set, int)


@dataclass(frozen=True)
class Moment:
    """How everything stood: `workspace` and `database` in bytes."""

    now: datetime
    database: bytes
    workspace: bytes


_kept: dict[str, Moment] = {}
_wished: Counter[str] = Counter()


def remembered(stretch: Stretch) -> Stretch:
    """Let a stretch of a story that nothing went before be told once, and then taken up from where it ended."""

    @wraps(stretch)
    async def told(story: Story, **changes: Any) -> str:
        if not story.untouched:
            return await stretch(story, **changes)
        name = f"{stretch.__name__} {sorted(changes.items())}"
        if moment := _found(name):
            await _take_up(story, moment)
            return story.code
        await stretch(story, **changes)
        _wished[name] += 1
        if not changes or _wished[name] > 1:
            _keep(name, await _moment(story))
        return story.code

    return told


def _found(name: str) -> Moment | None:
    if name not in _kept and (path := _path(name)) is not None and path.exists():
        _kept[name] = pickle.loads(path.read_bytes())  # noqa: S301 - a worker of this run wrote it
    return _kept.get(name)


def _keep(name: str, moment: Moment) -> None:
    _kept[name] = moment
    if (path := _path(name)) is not None:
        written = path.with_suffix(f".{os.getpid()}")
        written.write_bytes(pickle.dumps(moment))
        written.replace(path)


def _path(name: str) -> Path | None:
    """Return where all workers find a moment; None where there is but one process."""
    shared = os.environ.get(SHARED)
    return Path(shared) / f"moment-{hashlib.sha256(name.encode()).hexdigest()}" if shared else None


async def _moment(story: Story) -> Moment:
    await story.bot.stop()  # then all of it stands in the one file
    database = story.database.read_bytes()
    await story.starts()
    file = io.BytesIO()
    _Keeper(file, story.slack).dump((_contents(story.slack), story.memory, story.postbox.mails))
    return Moment(story.clock.now(), database, file.getvalue())


async def _take_up(story: Story, moment: Moment) -> None:
    await story.bot.stop()
    story.database.write_bytes(moment.database)
    contents, story.memory, story.postbox.mails = _Finder(io.BytesIO(moment.workspace), story.slack).load()
    for part, held in zip(_parts(story.slack), contents, strict=True):
        vars(part).update(held)
    story.clock.move_to(moment.now)
    await story.starts()


def _parts(slack: StandIn) -> Iterator[object]:
    """Yield the parts of a workspace that hold what people and the bot put there."""
    state = slack.state
    yield from (state.ids, state.directory, state.messages, state.views, state.files, state.triggers)
    yield from (state.response_urls, slack.api, slack.dispatch, *slack.people.values())


def _contents(slack: StandIn) -> list[dict[str, Any]]:
    return [{name: held for name, held in vars(part).items() if isinstance(held, CONTAINERS)} for part in _parts(slack)]


class _Keeper(pickle.Pickler):
    """Writes what a workspace holds, and of whom and what it had from the beginning only the names."""

    def __init__(self, file: io.BytesIO, slack: StandIn) -> None:
        super().__init__(file)
        held = ((place, name, thing) for place in SEEDED for name, thing in getattr(slack.directory, place).items())
        self._names = {id(thing): (place, name) for place, name, thing in held if getattr(thing, "kind", "") != "im"}

    def persistent_id(self, obj: object) -> tuple[str, str] | None:
        return self._names.get(id(obj))


class _Finder(pickle.Unpickler):
    """Reads it into another workspace, with those of the same names there."""

    def __init__(self, file: io.BytesIO, slack: StandIn) -> None:
        super().__init__(file)
        self._directory = slack.directory

    def persistent_load(self, pid: tuple[str, str]) -> object:
        place, name = pid
        return getattr(self._directory, place)[name]
