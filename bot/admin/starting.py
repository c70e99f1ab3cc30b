"""What keeps settings that read well from working: it is told at the start, and by `sipbot doctor`.

How each value must look is said where it is declared (`bot/settings.py`). Here is what shows only beside another
setting or on this machine. A bot that started all the same would answer nobody, or send nothing, and say so to nobody.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bot import platforms
from bot.findings import in_english
from bot.mail.mailbox import Mailbox
from bot.mail.sender import SmtpPlace
from bot.profile_file import BadProfile, read_others, read_profile
from bot.settings import Settings
from domain.errors import SipError
from storage.engine.database import path_of


class Hindrance(NamedTuple):
    """What `doctor` names it under, and the sentence: which setting, what is wrong, what is right."""

    what: str
    words: str


def hindrances(settings: Settings) -> Iterator[Hindrance]:
    """Yield everything for which the bot does not start."""
    if why := _database(settings.sipbot_database_url):
        yield Hindrance("database", f"SIPBOT_DATABASE_URL: {why}")
    try:
        read_profile(settings.sipbot_profile)
    except BadProfile as wrong:
        yield Hindrance("profile", f"SIPBOT_PROFILE: {wrong}")
    try:
        read_others(settings.sipbot_other_profiles)
    except BadProfile as wrong:
        yield Hindrance("profile", f"SIPBOT_OTHER_PROFILES: {wrong}")
    yield from _chat(settings)
    yield from _mail(settings)


def _database(url: str) -> str:
    try:
        path = path_of(url)
    except SipError as wrong:
        return in_english(wrong)
    return "" if path is None else unwritable(path)


def _chat(settings: Settings) -> Iterator[Hindrance]:
    for kind in platforms.set_up(settings):
        lacking = ", ".join(kind.missing(settings))
        if lacking:
            token = f"{kind.name.upper()}_{'BOT_' if kind.name == 'slack' else ''}TOKEN"
            yield Hindrance(kind.name, f"{token} is set, but nothing would reach the bot without {lacking}")
    ways = {"SLACK_APP_TOKEN": settings.slack_app_token, "SLACK_SIGNING_SECRET": settings.slack_signing_secret}
    given = [name for name, value in ways.items() if value.get_secret_value()]
    if given and not settings.slack:
        yield Hindrance("slack", f"{given[0]} is set, but SLACK_BOT_TOKEN is missing; it begins with xoxb-")
    if settings.matrix and (why := unwritable(Path(settings.matrix_store))):
        yield Hindrance("matrix", f"MATRIX_STORE: {why}; name a file that the bot may write")


def _mail(settings: Settings) -> Iterator[Hindrance]:
    places = (
        ("mail", "SIPBOT_SMTP_URL", settings.smtp_url, SmtpPlace.from_url),
        ("answers", "SIPBOT_IMAP_URL", settings.sipbot_imap_url.get_secret_value(), Mailbox.from_url),
    )
    for what, name, url, read in places:
        try:
            if url:
                read(url)
        except ValueError as wrong:
            yield Hindrance(what, f"{name} cannot be used: {wrong}")
    if settings.smtp_url and not settings.sipbot_mail_from:
        told = "SIPBOT_MAIL_FROM is missing: whom do invites come from? For example sip@kalender.example.se"
        yield Hindrance("mail", told)
    if settings.sipbot_anchor_mail and not settings.smtp_url:
        told = "SIPBOT_ANCHOR_MAIL is set, but no anchor can be mailed without SIPBOT_SMTP_URL"
        yield Hindrance("anchors", told)


def unkept_anchors(settings: Settings) -> str:
    """Say why no anchor can be written into its file now; "" when one can.

    No reason not to start: the storage of another machine may be away for a while.
    """
    why = unwritable(Path(settings.sipbot_anchor_file)) if settings.sipbot_anchor_file else ""
    return f"SIPBOT_ANCHOR_FILE: {why}" if why else ""


def unwritable(path: Path) -> str:
    """Say why a file can neither be written nor made; "" when it can."""
    try:
        if path.is_dir():
            return f"{path} is a folder, not a file"
        place = next(place for place in (path, *path.absolute().parents) if place.exists())
    except OSError as wrong:
        return f"it names no file ({wrong.strerror})"
    if place != path and not place.is_dir():
        return f"{place} is no folder"
    return "" if os.access(place, os.W_OK) else f"{place} cannot be written to"
