"""The demo's invented people: a chat workspace and a directory that tell the same story in either language."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import as_file, files

from bot.admin.directory_file import read_directory
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

# User id, short name, name, and the directory's agency of those who are in it.
PEOPLE = (
    ("U0ANNA", "anna", "Anna Berg", "soc"),
    ("U0JULIA", "julia", "Julia Lind", "bup"),
    ("U0OMAR", "omar", "Omar Holm", "skola"),
    ("U0PIA", "pia", "Pia Ek", "vc"),
    ("U0LEIF", "leif", "Leif Strand", "fk"),
    ("U0MARIA", "maria", "Maria Falk", "soc"),
    ("U0OVE", "ove", "Ove Nilsson", ""),
)

_CHANNELS = (
    ("C0SOC", ["U0ANNA", "U0MARIA"]),
    ("C0BUP", ["U0JULIA", "U0MARIA"]),
    ("C0SKOLA", ["U0OMAR", "U0MARIA"]),
    ("C0VC", ["U0PIA", "U0MARIA"]),
    ("C0FK", ["U0LEIF"]),
)


def demo_seed(words: Texts) -> Seed:
    """Return seven people in five agencies' channels, and a stranger from another organisation."""
    locale = _LOCALES[words.language]
    seed = (
        Seed(("/sip",), events=("app_home_opened",))
        .team(TEAM, words("team.own"))
        .team(OUTSIDE_TEAM, words("team.other"), installed=False)
    )
    for user, name, real_name, _ in PEOPLE:
        seed.person(user, name, real_name, TEAM, email=_mail(real_name), locale=locale)
    seed.person("U9EVA", OUTSIDER, "Eva Lund", OUTSIDE_TEAM, email="eva@annan.invalid", locale=locale)
    for channel, members in _CHANNELS:
        seed.channel(channel, words(f"channel.{channel}"), TEAM, members, private=True)
    return seed.channel("C0ALLA", words("channel.C0ALLA"), TEAM, [person[0] for person in PEOPLE])


def _mail(real_name: str) -> str:
    return f"{real_name.lower().replace(' ', '.')}@exempel.invalid"


def demo_directory(words: Texts) -> Directory:
    """Return the agencies and staff of `directory.toml`, called what they are called in the language."""
    with as_file(files("demo.world") / "directory.toml") as path:
        read = read_directory(path)
    agencies = {name: replace(held, name=words(f"agency.{name}")) for name, held in read.agencies.items()}
    staff = {name: replace(held, title=words(f"title.{_user(name)}")) for name, held in read.staff.items()}
    return Directory(agencies, staff)


def _user(staff_id: str) -> str:
    return staff_id.rpartition("/")[2]
