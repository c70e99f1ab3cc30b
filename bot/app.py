"""Puts the parts together: the only place that knows them all."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

import templates
from bot import platforms
from bot.calendar.feed_route import feed_route
from bot.calendar.ical import build_invite
from bot.delivery.courier import Courier
from bot.delivery.letter_work import CaseLetters
from bot.delivery.mended_rooms import MendedRooms
from bot.delivery.transport import Transport
from bot.gateway import Gateway
from bot.holidays import is_holiday
from bot.identifiers import RandomIds
from bot.mail.inbound import CalendarAnswers
from bot.mail.sender import SmtpSender
from bot.mail.transport import MailTransport
from bot.metrics import Metrics
from bot.platform import Platform, PlatformKind, Surroundings
from bot.profile_file import read_others, read_profile
from bot.replica import Replica
from bot.rounds import Job
from bot.scheduler import Scheduler
from bot.settings import Settings
from bot.time_guard import TimeGuard, guarding
from bot.watch.anchoring import Anchoring, Place, to_file, to_mailbox
from bot.watch.auditor import Auditor
from bot.watch.roll_call import RollCall
from bot.web.server import READY, Ready, web_app
from domain.calendar.invites import Invite
from domain.clock import Clock
from domain.days import WorkCalendar
from domain.rules import Rules
from handlers.services import Services
from storage.encryption.cipher import Keyring
from storage.encryption.token_seal import TokenSeal
from storage.engine.database import Database, open_database

# A tick that is older than this means that the clock stands still: the bot calls itself not ready.
STALE_TICK = 60.0

Runnable = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Bot:
    """The running parts of one process."""

    settings: Settings
    database: Database
    services: Services
    gateway: Gateway
    courier: Courier
    scheduler: Scheduler
    auditor: Auditor
    roll: RollCall
    web: Starlette
    platforms: tuple[Platform, ...]
    mail: SmtpSender | None
    answers: CalendarAnswers | None
    replica: Replica
    metrics: Metrics
    ready: Ready

    async def start(self, role: str = "all") -> None:
        """Start what the role asks for: `web` answers, `worker` reminds and delivers, `all` does both."""
        if role in {"all", "web"}:
            for platform in self.platforms:
                await platform.start()
        await self.scheduler.prove_the_time()
        if role in {"all", "worker"}:
            if self.answers is not None:
                await self.answers.start()
            await self.replica.start()
            await self._take_up_again()
            self.scheduler.start()
            self._delivering = asyncio.get_running_loop().create_task(self.courier.run(), name="courier")

    async def _take_up_again(self) -> None:
        """Take back the letters that an earlier run of this process was carrying when it died.

        On SQLite there is only one process; on PostgreSQL a replica is known by its name, and without one the leases of
        the dead run out in their time.
        """
        if self.database.kind == "sqlite":
            await asyncio.wrap_future(self.database.write(lambda tx: tx.outbox.release()))
        elif self.settings.sipbot_replica:
            name = self.settings.sipbot_replica
            await asyncio.wrap_future(self.database.write(lambda tx: tx.outbox.release(name)))

    _delivering: asyncio.Task[None] | None = None

    async def stop(self) -> None:
        """Stop in order: no new ticks, what is on its way arrives, the lines are closed, then the database."""
        self.scheduler.stop()
        if self.answers is not None:
            await self.answers.stop()
        await self.courier.stop()
        if self._delivering is not None:
            await asyncio.gather(self._delivering, return_exceptions=True)
        for platform in self.platforms:
            await platform.stop()
        await self.gateway.stop()
        if self.mail is not None:
            await self.mail.close()
        await self.replica.stop()
        await asyncio.to_thread(self.database.close)


def build_services(settings: Settings, keyring: Keyring) -> Services:
    """Return the surroundings of all handlers for these settings."""
    speak = partial(templates.load, zone=settings.sipbot_timezone)
    calendar = WorkCalendar(is_holiday, settings.zone)
    profile, others = read_profile(settings.sipbot_profile), read_others(settings.sipbot_other_profiles)
    return Services(
        rules=Rules(profile, calendar),
        other_rules={name: Rules(other, calendar) for name, other in others.items() if name != profile.name},
        speak=speak,
        language=settings.sipbot_language,
        seal=TokenSeal(keyring),
        ids=RandomIds(settings.sipbot_mail_from.rpartition("@")[2]),
        mail_from=settings.mail_from,
        public_url=settings.sipbot_public_url,
        feeds=settings.sipbot_feed,
        messages_kept=timedelta(days=settings.sipbot_messages_kept_days) or None,
        worded=platforms.worded(settings),
        mail_domains=settings.sipbot_mail_domains,
    )


def build(settings: Settings, clock: Clock | None = None, beside: Sequence[PlatformKind] = ()) -> Bot:
    """Make every part; nothing runs yet. The database must be at the newest schema.

    All parts ask one guard for the time: over the machine's clock, or a `clock` that is moved deliberately. `beside`
    are platforms beside those that the settings ask for.
    """
    guard = guarding(clock)
    keyring = Keyring(settings.keys)
    database = open_database(settings.sipbot_database_url, keyring, guard)
    services = build_services(settings, keyring)
    metrics = Metrics()
    mail = SmtpSender(settings.smtp_url) if settings.mail_from else None
    wakers: list[Callable[[], None]] = []

    def wake() -> None:
        for waker in wakers:
            waker()

    gateway = Gateway(database, services, wake)
    around = Surroundings(
        settings=settings,
        gateway=gateway,
        services=services,
        database=database,
        metrics=metrics,
        clock=guard,
        secret=keyring.derive,
        calendar_file=partial(_calendar_file, services),
    )
    chats = tuple(kind.build(around) for kind in (*platforms.set_up(settings), *beside))
    transports: list[Transport] = [chat.transport for chat in chats if chat.transport is not None]
    # The answers of chat platforms bear the time; whoever asks one whether it is there has the clock proved.
    prove = partial(_ask_all, tuple(transports)) if transports else None
    if mail is not None:
        called = services.speak(services.language)("mail.sender")
        transports.append(MailTransport(mail, settings.mail_from, called, guard, services.may_mail))
    holder = settings.sipbot_replica or f"{socket.gethostname()}:{os.getpid()}"
    courier = Courier(database, transports, CaseLetters(services), guard, metrics, holder, **_leases(database))
    wakers.append(courier.nudge)
    auditor = Auditor(database, services, metrics, wake, guard)

    def in_doubt() -> str:
        return guard.doubt

    jobs = [Job(auditor.run, timedelta(hours=1), first=timedelta(minutes=10), hindrance=in_doubt)]
    mended = MendedRooms(database, transports, wake)
    jobs.append(Job(mended.run, every=timedelta(minutes=5), first=timedelta(minutes=3)))
    roll = RollCall(database, services, chats, wake, guard)
    jobs.append(Job(roll.run, timedelta(days=1), first=timedelta(minutes=20), hindrance=in_doubt))
    places = list(_kept_elsewhere(settings, services, mail, guard))
    if places:
        anchoring = Anchoring(database, places, guard)
        jobs.append(Job(anchoring.run, timedelta(days=1), first=timedelta(minutes=5), hindrance=in_doubt))
    scheduler = Scheduler(database, services, metrics, wake, guard, prove, jobs)
    routes = [route for chat in chats for route in chat.routes]
    if services.feeds:
        routes.append(feed_route(database, services, metrics))
    ready = partial(_ready, database, scheduler, guard)
    web = web_app(None if settings.sipbot_metrics_address else metrics, ready, routes)
    # On SQLite the file itself is locked (`serve`).
    replica = Replica(database, settings.sipbot_replica if database.kind == "postgresql" else "")
    answers = CalendarAnswers.of(settings, database, services, metrics, wake)
    return Bot(
        settings=settings,
        database=database,
        services=services,
        gateway=gateway,
        courier=courier,
        scheduler=scheduler,
        auditor=auditor,
        roll=roll,
        web=web,
        platforms=chats,
        mail=mail,
        answers=answers,
        replica=replica,
        metrics=metrics,
        ready=ready,
    )


async def _ask_all(transports: Sequence[Transport]) -> None:
    await asyncio.gather(*(transport.alive() for transport in transports))


def _leases(database: Database) -> dict[str, Any]:
    """Return how letters are lent: briefly and renewed where others could take them over, else for long."""
    return {} if database.kind == "sqlite" else {"lease": timedelta(seconds=12), "beat": 3.0}


def _kept_elsewhere(
    settings: Settings, services: Services, mail: SmtpSender | None, guard: TimeGuard
) -> Iterator[Place]:
    if settings.sipbot_anchor_file:
        yield to_file(Path(settings.sipbot_anchor_file))
    if settings.sipbot_anchor_mail and mail is not None:
        # The operator has named it, in whichever domain it lies: the farther from here the better.
        words = services.speak(services.language)
        sender = MailTransport(mail, settings.mail_from, words("mail.sender"), guard)
        yield to_mailbox(sender.deliver, settings.sipbot_anchor_mail, words)


def _calendar_file(services: Services, invite: Invite) -> bytes:
    """Return the neutral calendar file for a channel."""
    words = services.speak(invite.language)
    summary = words("invite.request.summary", code=invite.summary_code)
    return build_invite(invite, summary=summary, description=words("calendar.file_description"))


async def _ready(database: Database, scheduler: Scheduler, guard: TimeGuard) -> dict[str, str]:
    """Say how the database, its schema and the clock stand."""
    found = {"database": READY, "clock": READY}
    try:
        await asyncio.wait_for(asyncio.wrap_future(database.read(lambda reader: reader.cases.exists("-"))), 3)
    except Exception:  # noqa: BLE001 - whatever it is, the answer is the same: not ready
        found["database"] = database.fault or "unreachable"
    else:
        found["database"] = await _writable(database)
    if scheduler.running and time.monotonic() - scheduler.last_tick > STALE_TICK:
        found["clock"] = "standing still"
    found["clock"] = guard.doubt or found["clock"]
    return found


async def _writable(database: Database) -> str:
    """Say why the last attempt to write failed; one that did is tried again now, so that its end is seen too."""
    if database.fault:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(asyncio.wrap_future(database.try_to_write()), 3)
    return database.fault or READY
