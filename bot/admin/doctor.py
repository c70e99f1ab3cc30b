"""`sipbot doctor`: is everything as it should be, and if not, what mends it; one line each."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path

import templates
from bot.admin.packages import intruders, places_of
from bot.clock import SystemClock
from bot.mail.imap import ImapReader
from bot.mail.sender import SmtpSender
from bot.profile_file import BadProfile, read_profile
from bot.settings import Settings, misspelt
from bot.slack.api import SlackApi
from bot.slack.checks import check as check_slack
from domain.errors import Invalid, SipError
from storage.audit import Fault, Walk
from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import kind_of, open_database, path_of
from storage.migrate import is_current
from storage.transaction import Reader

# Before this year the machine's clock is certainly wrong.
NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """One finding: `well`, `failed`, or neither (worth knowing)."""

    what: str
    words: str
    well: bool = True
    failed: bool = False

    def __str__(self) -> str:
        mark = "ok  " if self.well else ("FAIL" if self.failed else "note")
        return f"{mark}  {self.what:<10} {self.words}"


def _ok(what: str, words: str) -> Line:
    return Line(what, words)


def _fail(what: str, words: str) -> Line:
    return Line(what, words, well=False, failed=True)


def _note(what: str, words: str) -> Line:
    return Line(what, words, well=False)


async def examine(settings: Settings) -> list[Line]:
    """Return every finding, in the order of the settings."""
    return [line async for line in _findings(settings)]


async def _findings(settings: Settings) -> AsyncIterator[Line]:
    for name, meant in misspelt().items():
        yield _note("settings", f"{name} is no setting" + (f"; did you mean {meant}?" if meant else ""))
    yield examine_packages(distributions())
    yield _keys(settings)
    yield _profile(settings)
    for line in await asyncio.to_thread(_database, settings):
        yield line
    async for line in _slack(settings):
        yield line
    async for line in _mail(settings):
        yield line
    if settings.sipbot_feed:
        yield _feeds(settings)
    yield _clock()


def examine_packages(installed: Iterable[Distribution]) -> Line:
    """Say whether the program's packages are its own, given all distributions that are installed beside it."""
    home = Path(__file__).resolve().parents[2]
    away = [f"{name} is found in {place or 'no package'}" for name, place in places_of().items() if place != home]
    away += [f"{name} has put files into {package}" for name, package in intruders(installed)]
    if away:
        return _fail("packages", f"{'; '.join(away)}. Install the bot into an environment of its own")
    return _ok("packages", f"all below {home}")


def _keys(settings: Settings) -> Line:
    if not settings.keys:
        return _fail("keys", f"SIPBOT_SECRET_KEYS is missing. A fresh key: SIPBOT_SECRET_KEYS={fresh_key()}")
    try:
        Keyring(settings.keys)
    except SipError as wrong:
        return _fail("keys", f"{_in_words(wrong)} A fresh key: {fresh_key()}")
    return _ok("keys", f"{len(settings.keys)} key(s); the first one encrypts")


def _profile(settings: Settings) -> Line:
    try:
        profile = read_profile(settings.sipbot_profile)
    except BadProfile as wrong:
        return _fail("profile", str(wrong))
    days = profile.days_to_meeting
    return _ok("profile", f"{profile.title}: meeting within {days.value} days ({days.basis.value})")


def _database(settings: Settings) -> list[Line]:
    url = settings.sipbot_database_url
    shown = url.partition("://")[0] if "@" in url else url
    try:
        hindrance = _no_room_for(url)
        current = is_current(url)
    except Invalid as wrong:
        return [_fail("database", _in_words(wrong))]
    except Exception as wrong:  # noqa: BLE001 - any driver error means the same here: unreachable
        return [_fail("database", f"{shown}: cannot be reached ({type(wrong).__name__}); check SIPBOT_DATABASE_URL")]
    if hindrance:
        return [_fail("database", f"{shown}: {hindrance}")]
    if not current:
        mend = "run `sipbot migrate`" if not url.startswith("sqlite") else "`sipbot serve` brings it up to date"
        line = _note if url.startswith("sqlite") else _fail
        return [line("database", f"{shown}: not at the newest schema; {mend}")]
    if _keys(settings).failed:
        return [_ok("database", f"{shown}: at the newest schema")]
    return _kept(settings, shown)


def _no_room_for(url: str) -> str:
    """Say why an SQLite file can neither be written nor made; "" when it can."""
    path = path_of(url) if kind_of(url) == "sqlite" else None
    if path is None:
        return ""
    place = next(place for place in (path, *path.absolute().parents) if place.exists())
    if place != path and not place.is_dir():
        return f"{place} is no folder"
    return "" if os.access(place, os.W_OK) else f"{place} cannot be written to"


def _kept(settings: Settings, shown: str) -> list[Line]:
    """Look into the database: what waits, who is in the directory, and whether the keys are the right ones."""
    database = open_database(settings.sipbot_database_url, Keyring(settings.keys), SystemClock())
    try:
        directory = database.read(lambda reader: reader.directory).result(10)
        counts = database.read(lambda reader: reader.outbox.counts()).result(10)
        proved = database.read(_proved_and_readable).result(10)
    except SipError as wrong:
        return [_fail("database", f"{shown}: {_in_words(wrong)} Are SIPBOT_SECRET_KEYS the right ones?")]
    finally:
        database.close()
    letters = f"{counts.waiting + counts.taken} letters wait, {counts.dead} are dead"
    found = [_ok("database", f"{shown}: at the newest schema; {letters}")]
    if not proved:
        found.append(_note("journal", "its first row was written under a key that is not in SIPBOT_SECRET_KEYS"))
    if not directory.agencies:
        found.append(_fail("directory", "no agencies; run `sipbot directory import FILE`"))
        return found
    found.append(_ok("directory", f"{len(directory.agencies)} agencies, {len(directory.staff)} staff"))
    lost = [agency.id for agency in directory.agencies.values() if not directory.address_of_agency(agency.id)]
    if lost:
        found.append(_note("directory", f"without a channel, so never summoned in chat: {', '.join(lost)}"))
    if not any(staff.coordinator for staff in directory.staff.values()):
        found.append(_fail("directory", "nobody has coordinator = true, so nobody can open a case"))
    return found


def _proved_and_readable(reader: Reader) -> bool:
    """Say whether the key of the journal's first row is known; raises when a case cannot be read with the keys."""
    for code in reader.cases.open_codes("", 1):
        reader.cases.get(code)
    walk = Walk()
    reader.audit.go_on(walk, 1)
    return all(link.fault is not Fault.KEY_UNKNOWN for link in walk.breaks)


async def _slack(settings: Settings) -> AsyncIterator[Line]:
    if not settings.slack:
        yield _fail("slack", "SLACK_BOT_TOKEN is missing; make the app from `sipbot manifest` and copy its token")
        return
    if not settings.socket_mode and not settings.slack_signing_secret.get_secret_value():
        yield _fail("slack", "SLACK_SIGNING_SECRET is missing; or set SLACK_APP_TOKEN for Socket Mode")
    api = SlackApi(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    words = templates.load("en")
    try:
        for finding in await check_slack(api, settings.slack_app_token.get_secret_value()):
            why = finding.parameters.get("why", "")
            if _is_of_the_line(why):
                yield _fail("slack", f"Slack cannot be reached ({why}); check SLACK_API_URL and the way out")
                continue
            text = words(finding.key, **finding.parameters)
            yield _ok("slack", text) if finding.well else _fail("slack", text)
    finally:
        await api.close()


def _is_of_the_line(why: str) -> bool:
    """Say whether a refusal came of the way to Slack, and not from Slack."""
    return why in {"unreachable", "timeout", "disconnected", "unreadable_answer"} or why.startswith("http_5")


async def _mail(settings: Settings) -> AsyncIterator[Line]:
    if not settings.smtp_url:
        yield _note("mail", "SIPBOT_SMTP_URL is not set: invites go as files in chat only")
        return
    if "@" not in settings.sipbot_mail_from:
        yield _fail("mail", "SIPBOT_MAIL_FROM is missing, for example sip@kalender.example.se")
        return
    try:
        sender = SmtpSender(settings.smtp_url)
    except ValueError as wrong:
        yield _fail("mail", f"SIPBOT_SMTP_URL: {wrong}")
        return
    why = await sender.check()
    await sender.close()
    yield _ok("mail", "the mail server takes mail") if why is None else _fail("mail", f"the mail server: {why}")
    async for line in _answers(settings):
        yield line


async def _answers(settings: Settings) -> AsyncIterator[Line]:
    imap = settings.sipbot_imap_url.get_secret_value()
    if imap:
        try:
            why = await ImapReader(imap, _keep_nothing).check()
        except ValueError as wrong:
            why = str(wrong)
        yield _ok("answers", "the mailbox opens") if why is None else _fail("answers", f"SIPBOT_IMAP_URL: {why}")
    elif settings.sipbot_lmtp_port is None:
        yield _note("answers", "neither SIPBOT_LMTP_PORT nor SIPBOT_IMAP_URL: calendar answers do not come in")


async def _keep_nothing(_arrived: object) -> None:
    raise NotImplementedError


def _in_words(error: SipError) -> str:
    return templates.load("en")(error.key, **error.params)


def _feeds(settings: Settings) -> Line:
    url = settings.sipbot_public_url
    if not url:
        return _fail("calendars", "SIPBOT_FEED is on, but without SIPBOT_PUBLIC_URL nobody can be given an address")
    if not url.startswith("https://"):
        return _fail("calendars", "SIPBOT_FEED is on, but SIPBOT_PUBLIC_URL is not https: others could read along")
    return _ok("calendars", f"people may read their own meetings at {url.rstrip('/')}/kalender/…")


def _clock() -> Line:
    now = datetime.now(UTC)
    if now < NOT_BEFORE or (not Path("/usr/share/zoneinfo").exists() and not _has_tzdata()):
        return _fail("clock", f"the machine's clock says {now:%Y-%m-%d}; reminders would come on wrong days")
    return _ok("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def _has_tzdata() -> bool:
    from importlib.util import find_spec  # noqa: PLC0415 - asked only where the system has no time zones

    return find_spec("tzdata") is not None
