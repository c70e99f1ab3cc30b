"""What stands around every person's screen, whichever program they have: the time, the people, mails and troubles."""

from __future__ import annotations

from typing import TypeAlias

from demo.matrix.person import Person as MatrixPerson
from demo.page.mailbox import unread_mails
from demo.slack.people.person import Person as SlackPerson
from demo.slack.state.records import Channel, Json, Message
from demo.world.people import AGENCIES, OUTSIDER, PEOPLE
from demo.world.world import World

Person: TypeAlias = SlackPerson | MatrixPerson


def around(world: World, person: Person) -> Json:
    """Return it for one person."""
    return {
        "now": world.now().isoformat(),
        "language": world.language,
        "me": person.user.name,
        "people": [_about(world, other) for other in _people(world, person)],
        "mails": unread_mails(world, person.user.email),
        "troubles": {
            "limited": world.troubles.rate_limited,
            "erring": world.troubles.erring,
            "outage": world.troubles.outage,
            "outsider": world.troubles.outsider,
        },
    }


def _people(world: World, person: Person) -> list[Person]:
    names = [name for _, name, _, _ in PEOPLE]
    if world.troubles.outsider or person.user.name == OUTSIDER:
        names.append(OUTSIDER)
    return [world.person(name) for name in names]


def _about(world: World, person: Person) -> Json:
    user, words = person.user, world.words
    agency = AGENCIES.get(user.name) or ("outside" if user.name == OUTSIDER else "none")
    return {
        "name": user.name,
        "id": user.id,
        "real_name": user.real_name,
        "agency": agency,
        "agency_name": words(f"agency.{agency}"),
        "title": words(f"title.{user.name}"),
        "about": words(f"about.{user.name}"),
        "look": "matrix" if isinstance(person, MatrixPerson) else "slack",
        "unread": _unread(person) + unread_mails(world, user.email),
    }


def _unread(person: Person) -> int:
    if isinstance(person, MatrixPerson):
        return sum(person.unread(room.id) for room in person.rooms())
    return sum(len(unread_in(person, channel)) for channel in person.channels())


def unread_in(person: SlackPerson, channel: Channel) -> list[Message]:
    """Return what others have said in a channel since it was looked at."""
    return [message for message in person.unread(channel.id) if message.user != person.user.id]
