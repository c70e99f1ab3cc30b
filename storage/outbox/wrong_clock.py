"""The outbox after a clock that was wrong: nothing may sleep until a time that was never meant."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, case, or_, update

from storage.outbox.lanes import IS_WAITING, Lanes
from storage.schema.tables import outbox
from storage.sql.instants import NEVER
from storage.sql.link import Link
from storage.sql.statement import Statement

# Microseconds. No platform asks for a longer pause than an hour, and to that comes a fifth.
_LONGEST_PACE: Final = 4_320_000_000
_LONGEST_LEASE: Final = 120_000_000
_A_MINUTE: Final = 60_000_000
_A_DAY: Final = 86_400_000_000

_NOW = bindparam("now", type_=outbox.c.next_at.type)
# A letter that was written in the future waits from now on as long as it was to wait then.
_THEN = outbox.c.not_before - outbox.c.put_at + _NOW
_PUT_BACK = Statement(
    update(outbox)
    .values(
        put_at=_NOW,
        not_before=_THEN,
        next_at=case((_THEN > _NOW, _THEN), else_=_NOW),
        expires_at=case((outbox.c.expires_at == NEVER, NEVER), else_=outbox.c.expires_at - outbox.c.put_at + _NOW),
    )
    .where(IS_WAITING, outbox.c.put_at > bindparam("after", type_=outbox.c.put_at.type))
)
_TRY_SOONER = Statement(
    update(outbox)
    .values(next_at=_NOW)
    .where(IS_WAITING, outbox.c.attempts > 0, outbox.c.next_at > bindparam("after", type_=outbox.c.next_at.type))
)
# When it was really tried is not known any more; whoever looks for it looks far enough back.
_TRIED_BEFORE = Statement(
    update(outbox)
    .values(first_tried_at=bindparam("since", type_=outbox.c.next_at.type))
    .where(or_(IS_WAITING, outbox.c.state == "taken"), outbox.c.first_tried_at > _NOW)
)


def put_right(link: Link, lanes: Lanes, now: int, *, thorough: bool) -> int:
    """Wake what sleeps because of a clock that was wrong, and return how many lanes that was; `now` in microseconds.

    Lanes whose pace is longer than any can be are always found. `thorough`, for a start and for when the clock has
    just been put right: forget all paces and leases from then, and reckon letters that were written in what has
    turned out to be the future as written now.
    """
    if not thorough:
        return lanes.wake_paced(_LONGEST_PACE)
    moved = link.run(_PUT_BACK, now=now, after=now + _A_MINUTE)
    moved += link.run(_TRY_SOONER, now=now, after=now + _LONGEST_PACE)
    link.run(_TRIED_BEFORE, now=now, since=now - _A_DAY)
    lanes.reckon(_LONGEST_LEASE)
    return moved
