"""The memory platform as the bot sees it: one more platform, which no settings ask for."""

from __future__ import annotations

from collections.abc import Sequence

from bot.platform import Capability, Surroundings
from bot.settings import Settings
from demo.in_process import InProcess
from demo.memory.chat import Chat, direct_room
from demo.memory.faults import Faults
from demo.memory.person import Person
from demo.memory.transport import PLATFORM, MemoryTransport
from domain.address import Kind
from domain.directory import Directory


class MemoryPlatform:
    """The running platform: who of the directory is in the chat, and what they do goes straight to the gateway.

    Each person has a room of their own with the bot, each agency a room for its staff. `outsiders` are in the chat
    and not in the directory.
    """

    name = PLATFORM
    routes: tuple[()] = ()

    def __init__(self, around: Surroundings, directory: Directory, outsiders: Sequence[str], faults: Faults) -> None:
        self.chat = Chat()
        self.transport = MemoryTransport(self.chat, faults)
        known = [identity for staff in directory.staff.values() for identity in staff.identities]
        here = [identity for identity in (*known, *outsiders) if identity.startswith(f"{PLATFORM}:")]
        people = [Person(identity, self.chat, around.gateway) for identity in here]
        self.people = {person.name: person for person in people}
        self.chat.people |= {person.name: person.identity for person in people}
        self._furnish(directory)

    def _furnish(self, directory: Directory) -> None:
        for person in self.people.values():
            self.chat.open(direct_room(person.identity), [person.identity])
        for agency in directory.agencies.values():
            staff = [identity for person in directory.staff_of(agency.id) for identity in person.identities]
            for address in agency.addresses:
                if address.platform == PLATFORM and address.kind is Kind.ROOM:
                    self.chat.open(address.target, staff)

    async def start(self) -> None:
        """Nothing has to be connected."""

    async def stop(self) -> None:
        """Nothing is under way."""


class Memory(InProcess):
    """The platform's entry among those that the bot could be on, for a directory."""

    name = PLATFORM
    capabilities = frozenset(Capability) - {Capability.SEALED}

    def __init__(self, directory: Directory, outsiders: Sequence[str], faults: Faults) -> None:
        self._directory = directory
        self._outsiders = outsiders
        self._faults = faults

    def is_set_up(self, _settings: Settings) -> bool:
        """Say no: it is made by whoever wants it, never by settings."""
        return False

    def build(self, around: Surroundings) -> MemoryPlatform:
        """Make it."""
        return MemoryPlatform(around, self._directory, self._outsiders, self._faults)
