"""`sipbot doctor`: is everything as it should be, and if not, what mends it; one line each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Final

from bot import platforms
from bot.admin.contents import NO_AGENCIES, look_into
from bot.admin.keeping import is_kept, with_its_own_key
from bot.admin.packages import intruders, places_of
from bot.admin.starting import hindrances, unkept_anchors
from bot.findings import Line, fail, in_english, note, ok
from bot.mail.imap import ImapReader
from bot.mail.sender import SmtpSender
from bot.platform import PlatformKind, abilities
from bot.profile_file import read_profile
from bot.settings import ENV_FILE, Settings, misspelt
from domain.errors import Invalid, SipError
from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import kind_of
from storage.migrate import is_current

# Before this year the machine's clock is certainly wrong.
NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


async def examine(settings: Settings) -> list[Line]:
    """Return every finding, in the order of the settings."""
    return [line async for line in _findings(settings)]


def next_of(settings: Settings, found: Iterable[Line]) -> str:
    """Return what to do next: what is to be mended first, or where nothing is set up yet, what asks for all of it."""
    wrong = [line.what for line in found if line.failed]
    if not wrong:
        return "Next: `sipbot serve`."
    if not settings.keys and not Path(ENV_FILE).exists() and not is_kept(settings):
        return "Next: `sipbot init`, which asks for what is missing; or run this in the folder with the bot's .env."
    return f"Next: mend {wrong[0]}, the first FAIL; then run `sipbot doctor` again."


async def _findings(settings: Settings) -> AsyncIterator[Line]:
    for name, meant in misspelt().items():
        yield note("settings", f"{name} is no setting" + (f"; did you mean {meant}?" if meant else ""))
    yield examine_env_file(Path(ENV_FILE))
    yield examine_packages(distributions())
    yield _keys(settings)
    found = list(hindrances(settings))
    for hindrance in found:
        yield fail(*hindrance)
    # What cannot work as it is set has been told.
    hindered = {hindrance.what for hindrance in found}
    for what, looks in _LOOKS.items():
        if what not in hindered:
            for line in await looks(settings):
                yield line
    # Where no platform is set up, each says what it would need.
    for platform in platforms.set_up(settings) or platforms.PLATFORMS:
        if platform.name not in hindered:
            async for line in _platform(platform, settings):
                yield line
    if settings.sipbot_feed:
        yield _feeds(settings)
    yield _clock()


async def _platform(platform: PlatformKind, settings: Settings) -> AsyncIterator[Line]:
    async for line in platform.checks(settings):
        yield line
    if platform.is_set_up(settings):
        yield ok(platform.name, abilities(platform.capabilities))


def examine_env_file(file: Path) -> Line:
    """Say whether others may read the file that holds keys and tokens."""
    if not file.is_file():
        return ok("settings", f"from the environment alone: there is no {file.absolute()}")
    if file.stat().st_mode & 0o077:
        return fail("settings", f"others may read {file}, which holds keys and tokens: chmod 600 {file}")
    return ok("settings", f"{file} can be read by its owner alone")


def examine_packages(installed: Iterable[Distribution]) -> Line:
    """Say whether the program's packages are its own, given all distributions that are installed beside it."""
    home = Path(__file__).resolve().parents[2]
    away = [f"{name} is found in {place or 'no package'}" for name, place in places_of().items() if place != home]
    away += [f"{name} has put files into {package}" for name, package in intruders(installed)]
    if away:
        return fail("packages", f"{'; '.join(away)}. Install the bot into an environment of its own")
    return ok("packages", f"all below {home}")


def _keys(settings: Settings) -> Line:
    mend = with_its_own_key(settings) if is_kept(settings) else f"A fresh key: SIPBOT_SECRET_KEYS={fresh_key()}"
    if not settings.keys:
        return fail("keys", f"SIPBOT_SECRET_KEYS is missing. {mend}")
    try:
        Keyring(settings.keys)
    except SipError as wrong:
        return fail("keys", f"{in_english(wrong)} {mend}")
    return ok("keys", f"{len(settings.keys)} key(s); the first one encrypts")


async def _profile(settings: Settings) -> list[Line]:
    profile = read_profile(settings.sipbot_profile)
    days = profile.days_to_meeting
    return [ok("profile", f"{profile.title}: meeting within {days.value} days ({days.basis.value})")]


async def _database_in_a_thread(settings: Settings) -> list[Line]:
    return await asyncio.to_thread(_database, settings)


def _database(settings: Settings) -> list[Line]:
    url = settings.sipbot_database_url
    # What stands behind an @ or a question mark may be a password.
    shown = url.partition("://")[0] if "@" in url else url.partition("?")[0]
    try:
        current = is_current(url)
    except Invalid as wrong:
        return [fail("database", in_english(wrong))]
    except Exception as wrong:  # noqa: BLE001 - any driver error means the same here: unreachable
        return [fail("database", f"{shown}: cannot be reached ({type(wrong).__name__}); check SIPBOT_DATABASE_URL")]
    if not current:
        mend = "run `sipbot migrate`" if not url.startswith("sqlite") else "`sipbot serve` brings it up to date"
        line = note if url.startswith("sqlite") else fail
        is_new = kind_of(url) == "sqlite" and not is_kept(settings)
        new = [fail("directory", NO_AGENCIES)] if is_new and settings.keys else []
        found = "not there yet; `sipbot serve` makes it" if is_new else f"not at the newest schema; {mend}"
        return [line("database", f"{shown}: {found}"), *new]
    if _keys(settings).failed:
        return [ok("database", f"{shown}: at the newest schema")]
    return look_into(settings, shown)


async def _mail(settings: Settings) -> list[Line]:
    if not settings.smtp_url:
        return [note("mail", "SIPBOT_SMTP_URL is not set: invites go as files in chat only")]
    sender = SmtpSender(settings.smtp_url)
    why = await sender.check()
    await sender.close()
    return [ok("mail", "the mail server takes mail") if why is None else fail("mail", f"the mail server: {why}")]


async def _answers(settings: Settings) -> list[Line]:
    imap = settings.sipbot_imap_url.get_secret_value()
    if imap:
        why = await ImapReader(imap, _keep_nothing).check()
        return [ok("answers", "the mailbox opens") if why is None else fail("answers", f"SIPBOT_IMAP_URL: {why}")]
    if settings.sipbot_lmtp_port is None:
        if not settings.smtp_url:
            return []  # nothing is sent that could be answered
        return [note("answers", "neither SIPBOT_LMTP_PORT nor SIPBOT_IMAP_URL: calendar answers do not come in")]
    return [ok("answers", f"calendar answers come in at port {settings.sipbot_lmtp_port}")]


async def _anchors(settings: Settings) -> list[Line]:
    why = unkept_anchors(settings)
    if why:
        return [fail("anchors", f"{why}; no anchor is written until that is mended")]
    if settings.sipbot_anchor_file or settings.sipbot_anchor_mail:
        return [ok("anchors", "one a day is kept elsewhere")]
    return []


# In the order in which it is told.
_LOOKS: Final[Mapping[str, Callable[[Settings], Awaitable[list[Line]]]]] = {
    "profile": _profile,
    "database": _database_in_a_thread,
    "mail": _mail,
    "answers": _answers,
    "anchors": _anchors,
}


async def _keep_nothing(_arrived: object) -> None:
    raise NotImplementedError


def _feeds(settings: Settings) -> Line:
    url = settings.sipbot_public_url
    if not url:
        return fail("calendars", "SIPBOT_FEED is on, but without SIPBOT_PUBLIC_URL nobody can be given an address")
    if not url.startswith("https://"):
        return fail("calendars", "SIPBOT_FEED is on, but SIPBOT_PUBLIC_URL is not https: others could read along")
    return ok("calendars", f"people may read their own meetings at {url.rstrip('/')}/kalender/…")


def _clock() -> Line:
    now = datetime.now(UTC)
    if now < NOT_BEFORE or (not Path("/usr/share/zoneinfo").exists() and not _has_tzdata()):
        return fail("clock", f"the machine's clock says {now:%Y-%m-%d}; reminders would come on wrong days")
    return ok("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def _has_tzdata() -> bool:
    from importlib.util import find_spec  # noqa: PLC0415 - asked only where the system has no time zones

    return find_spec("tzdata") is not None
