"""Who can be named in a form on Matrix, where nobody is chosen from a list of the server's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.matrix.names import NAME
from bot.matrix.talk.conversation import Person
from domain.directory import Directory


class Staffing:
    """Knows them by today's directory; `members` says who is in a room."""

    def __init__(
        self, members: Callable[[str], Awaitable[Sequence[str]]], directory: Callable[[], Awaitable[Directory]]
    ) -> None:
        self._members = members
        self._directory = directory

    async def __call__(self, room: str) -> Sequence[Person]:
        """Return in an agency's room those of its members who are staff, else all staff."""
        staff = (await self._directory()).staff.values()
        everyone = [Person(next(iter(one.identities), one.id), one.name) for one in staff]
        if not room:
            return everyone
        inside = {f"{NAME}:{member}" for member in await self._members(room)}
        here = [Person(identity, one.name) for one in staff for identity in one.identities if identity in inside]
        return here or everyone
