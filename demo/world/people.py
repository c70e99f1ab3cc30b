"""The demo's invented people: a chat workspace and a directory that tell the same story in either language."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import as_file, files

from bot.admin.directory_file import read_directory
from demo.matrix.homeserver import BOT, Homeserver
from demo.matrix.person import User
from demo.slack.seed import Seed
from demo.world.texts import Texts
from domain.directory import Directory

#: What a case's code looks like where it stands in a text.
CODE = re.compile(r"\bSIP-[0-9A-Z]{5}-[0-9A-Z*~$=]")

TEAM = "T0"
OUTSIDE_TEAM = "T9"
#: The stranger from another organisation, who is there when the visitor wants to see one.
OUTSIDER = "eva"
#: The channel that the stranger's organisation shares when they are there.
SHARED_CHANNEL = "C0BUP"

_LOCALES = {"sv": "sv-SE", "en": "en-GB"}

# User id, short name, name, and the directory's agency of those who are in it. Who has an id of Matrix is only there.
PEOPLE = (
    ("U0ANNA", "anna", "Anna Berg", "soc"),
    ("U0JULIA", "julia", "Julia Lind", "bup"),
    ("U0OMAR", "omar", "Omar Holm", "skola"),
    ("U0PIA", "pia", "Pia Ek", "vc"),
    ("@leif:fk.exempel.invalid", "leif", "Leif Strand", "fk"),
    ("U0MARIA", "maria", "Maria Falk", "soc"),
    ("U0OVE", "ove", "Ove Nilsson", ""),
)

#: The directory's agency by short name, "" for who is in none.
AGENCIES = {name: agency for _, name, _, agency in PEOPLE}

# Short name by the directory's id.
_NAMES = {f"matrix:{user}" if user.startswith("@") else f"slack:{TEAM}/{user}": name for user, name, _, _ in PEOPLE}

_CHANNELS = (
    ("C0SOC", ["U0ANNA", "U0MARIA"]),
    ("C0BUP", ["U0JULIA", "U0MARIA"]),
    ("C0SKOLA", ["U0OMAR", "U0MARIA"]),
    ("C0VC", ["U0PIA", "U0MARIA"]),
)


def demo_seed(words: Texts) -> Seed:
    """Return the people of Slack in four agencies' channels, and a stranger from another organisation."""
    locale = _LOCALES[words.language]
    seed = (
        Seed(("/sip",), events=("app_home_opened",))
        .team(TEAM, words("team.own"))
        .team(OUTSIDE_TEAM, words("team.other"), installed=False)
    )
    on_slack = [person for person in PEOPLE if not _is_on_matrix(person[0])]
    for user, name, real_name, _ in on_slack:
        seed.person(user, name, real_name, TEAM, email=_mail(real_name), locale=locale)
    seed.person("U9EVA", OUTSIDER, "Eva Lund", OUTSIDE_TEAM, email="eva@annan.invalid", locale=locale)
    for channel, members in _CHANNELS:
        seed.channel(channel, words(f"channel.{channel}"), TEAM, members, private=True)
    return seed.channel("C0ALLA", words("channel.C0ALLA"), TEAM, [person[0] for person in on_slack])


def demo_users() -> tuple[User, ...]:
    """Return the people of Matrix."""
    return tuple(User(user, name, real, _mail(real)) for user, name, real, _ in PEOPLE if _is_on_matrix(user))


def furnish(server: Homeserver, words: Texts) -> None:
    """Make the rooms of Matrix: each agency's for its staff and the bot, and one with each of them alone."""
    for user, name, _, agency in PEOPLE:
        if _is_on_matrix(user):
            host = user.partition(":")[2]
            server.open(f"!{agency}:{host}", words(f"room.{agency}"), [user, BOT])
            server.open(f"!{name}:{host}", "", [user, BOT])


def _is_on_matrix(user: str) -> bool:
    return user.startswith("@")


def _mail(real_name: str) -> str:
    return f"{real_name.lower().replace(' ', '.')}@exempel.invalid"


def demo_directory(words: Texts) -> Directory:
    """Return the agencies and staff of `directory.toml`, called what they are called in the language."""
    with as_file(files("demo.world") / "directory.toml") as path:
        read = read_directory(path)
    agencies = {
        name: replace(held, name=words(f"agency.{name}"), alias=words(f"alias.{name}"))
        for name, held in read.agencies.items()
    }
    staff = {name: replace(held, title=words(f"title.{_NAMES[name]}")) for name, held in read.staff.items()}
    return Directory(agencies, staff)
