"""Stories: people who type, press and fill in, days that pass, and what everybody then has before them.

The bot is the real one: signed requests go through its HTTP door and Bolt, its messages through the Slack SDK to the
stand-in, its mails over SMTP to a mail server. Only the clock is moved.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from pydantic import SecretStr

from bot.app import Bot, build
from bot.clock import MovableClock
from bot.settings import Settings
from demo.slack.people.modal import names_of
from demo.slack.people.outcome import Outcome
from demo.slack.people.person import Person
from demo.slack.serving import serving
from demo.slack.stand_in import StandIn
from demo.slack.state.records import Json, Message, View
from domain.case import Case
from domain.lapse import Lapse
from handlers.auditor import LATE_AFTER, codes, look_at_cases
from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import open_database
from storage.journal import JournalRow
from storage.outbox.letter import KeptLetter
from storage.transaction import Reader, Transaction
from tests.handlers import town
from tests.handlers.letters.post_office import Mail, PostOffice
from tests.handlers.moments import remembered
from tests.handlers.near import near

T = TypeVar("T")

# One key for all stories, so that one may take up the moment that another has reached.
KEY = SecretStr(fresh_key())

# Changes to a form, and the fields at which they are refused.
Table: TypeAlias = list[tuple[dict[str, Any], set[str]]]

# What is not taken is tried again; a story waits so long for it before it goes on.
PATIENCE = timedelta(seconds=25)
A_SECOND = timedelta(seconds=1)

MAIL_FROM = "sip@kalender.exempel.invalid"

# Monday 23 November 2026, nine in the morning: ten working days before the meeting that most stories hold.
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

OPENING: Mapping[str, Any] = {
    "noticed_on": "2026-11-20",
    "noticed_by": "staff",
    "age_band": "child",
    "ongoing": "yes",
    "agencies": ["bup", "skola", "fk"],
    "decision": "start",
}
CONSENT: Mapping[str, Any] = {
    "decision": "given",
    "given_by": ["guardian_1", "guardian_2"],
    "parts": ["exchange", "plan"],
    "agencies": ["bup", "skola", "fk"],
    "topics": ["responsibility", "school"],
    "valid_until": "2027-05-31",
    "form": "oral",
}
SUMMONS: Mapping[str, Any] = {
    "date": "2026-12-08",
    "start": "13:00",
    "minutes": "60",
    "mode": "in_person",
    "place": "Sammanträdesrum 3",
    "agencies": ["bup", "skola", "fk"],
    "purpose": ["responsibility"],
    "chair": "anna",
    "consulted": ["yes"],
}
HELD: Mapping[str, Any] = {
    "outcome": "held",
    "consent_confirmed": ["yes"],
    "attended": ["soc", "bup"],
    "need_remains": "yes",
    "lead": "julia",
    "follow_up_on": "2027-02-10",
}
PLAN: Mapping[str, Any] = {
    "approved": ["yes"],
    "responsible": "region",
    "recipients": ["person", "soc", "bup"],
    "channel": "secure_mail",
    "sent_on": "2026-12-09",
}
MOVED: Mapping[str, Any] = {"date": "2026-12-10", "start": "09:30", "consulted": ["yes"]}
# What is ticked where the form warns of the time.
CONFIRMED: Mapping[str, Any] = {"confirmed": ["yes"]}
NAMED: Mapping[str, Any] = {"mandate": ["yes"]}
WITHDRAWN: Mapping[str, Any] = {"form": "oral", "sure": ["yes"]}
CLOSED: Mapping[str, Any] = {"ground": "goals_met", "agreed": ["yes"]}


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder as it came: when by the local clock ("2026-11-25 08:00"), where, and about which deadline."""

    at: str
    where: str
    reminder: str
    key: str


class Story:
    """One world with the bot in it, and the case that the story is about."""

    def __init__(self, bot: Bot, slack: StandIn, postbox: PostOffice, clock: MovableClock, folder: Path) -> None:
        self.bot = bot
        self.slack = slack
        self.postbox = postbox
        self.clock = clock
        self.folder = folder
        self.code = ""
        self.codes: list[str] = []
        # What may not stand anywhere in this story, beside what may never stand anywhere (see disclosure.py).
        self.secrets: set[str] = set()
        # A story in which something does not go out as it should says so.
        self.lapses_planted = False
        # When a case became protected that was not so when it was opened: what stood before is taken back.
        self.protected_since: dict[str, datetime] = {}
        # Slack takes no message for now, so that it helps nothing to try again soon.
        self._silent = False
        self._kept: View | None = None
        self._forms: set[str] = set()
        self.seeded = workspace(slack)
        # The bot as it was started, if it runs as most do; None as soon as something is written past it.
        self.as_started: Bot | None = None

    @property
    def database(self) -> Path:
        """The file of its database."""
        return self.folder / "sipbot.db"

    @property
    def untouched(self) -> bool:
        """Say whether nothing has happened yet."""
        at_the_beginning = self.bot is self.as_started and self.clock.now() < MONDAY + timedelta(minutes=10)
        troubled = self.slack.faults.in_force or self.postbox.away or self.postbox.refuses
        used = self.slack.calls or self.slack.dispatch.sent or self.seeded != workspace(self.slack)
        return at_the_beginning and not (troubled or used)

    @property
    def memory(self) -> tuple[object, ...]:
        """What it remembers of what it did."""
        return self.code, self.codes, self._kept, self._forms

    @memory.setter
    def memory(self, memory: tuple[str, list[str], View | None, set[str]]) -> None:
        self.code, self.codes, self._kept, self._forms = memory

    async def starts(self) -> None:
        """Let the bot be started, once more after it was stopped."""
        self.bot = build(self.bot.settings, self.clock)
        self.slack.connect(self.bot.web)
        await self.bot.start("web")

    def __getattr__(self, name: str) -> Person:
        """Return a person by the name the stories call them: `story.anna`."""
        if name.startswith("_") or name not in self.slack.people:
            raise AttributeError(name)
        return self.slack.people[name]

    # ---- time ----------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """Return the time on the wall."""
        return self.clock.now().astimezone(self.bot.settings.zone)

    def today(self) -> date:
        return self.now().date()

    async def settle(self) -> None:
        """Let everything happen that is due now; letters to one place go out a second apart, or are tried again."""
        await self.bot.scheduler.tick()
        patience = self.clock.now() + (A_SECOND if self._silent else PATIENCE)
        while True:
            await self.bot.courier.deliver_due()
            ready = await self.reading(_next_try)
            if ready is None:
                return
            self.clock.move_to(min(max(ready, self.clock.now() + A_SECOND), patience))
            if self.clock.now() >= patience:
                return

    async def until(self, moment: str) -> None:
        """Let time pass until a local moment such as "2026-12-01 08:00"; what falls due on the way happens then."""
        target = datetime.fromisoformat(moment).replace(tzinfo=self.bot.settings.zone).astimezone(UTC)
        view = timedelta(seconds=1)
        while (now := self.clock.now()) < target:
            due, waiting = await self.reading(self._ahead)
            stops = [target]
            if waiting:
                stops.append(now + view)
                view = min(view * 2, timedelta(hours=1))
            else:
                view = timedelta(seconds=1)
            if due is not None:
                stops.append(max(due, now + timedelta(seconds=1)))
            self.clock.move_to(min(stops))
            await self.settle()
            if min(stops) == due:
                # What was gathered for one message goes out a few seconds later.
                self.clock.move_to(self.clock.now() + timedelta(seconds=12))
                await self.settle()

    def _ahead(self, reader: Reader) -> tuple[datetime | None, bool]:
        dues = [reader.cases.listing(code)[1] for code in self.codes]
        counts = reader.outbox.counts()
        return min((due for due in dues if due is not None), default=None), bool(counts.waiting + counts.taken)

    async def days_pass_unseen(self, moment: str) -> None:
        """Let time pass while the bot is down: nothing happens until it is there again."""
        target = datetime.fromisoformat(moment).replace(tzinfo=self.bot.settings.zone)
        self.clock.move_to(target.astimezone(UTC))

    def nothing_arrives(self) -> Callable[[], None]:
        """Let Slack take no message from now on, forms still open; call what is returned to end it."""
        methods = ("chat.postMessage", "chat.update", "conversations.open", "files.getUploadURLExternal")
        faults = [self.slack.faults.server_error(method, times=None) for method in methods]
        self._silent = True

        def again() -> None:
            self._silent = False
            for fault in faults:
                self.slack.faults.clear(fault)

        return again

    # ---- acts ----------------------------------------------------------------------------------------------

    async def command(self, who: Person, text: str) -> Outcome:
        """Type `/sip …` and let what follows happen."""
        outcome = await who.type(f"/sip {text}".rstrip())
        await self.settle()
        return outcome

    async def ask(self, who: Person, text: str) -> View:
        """Type `/sip …` and wait for the form."""
        outcome = await who.type(f"/sip {text}")
        assert outcome.status == 200, outcome
        return await self.form(who)

    async def form(self, who: Person) -> View:
        """Wait for the form that a command or a press has asked for; those seen before are not meant."""
        await self.slack.until(lambda: who.view is not None and who.view.id not in self._forms)
        view = who.view
        assert view is not None
        self._forms.add(view.id)
        return view

    async def submit(self, who: Person, values: Mapping[str, Any], *, stay: bool = False, **options: Any) -> Outcome:
        """Fill in the form on top and send it. A form that was mended or answered is closed, unless one stays."""
        outcome = await who.submit(dict(values), **options)
        if not stay and who.view is not None:
            self._kept = who.view
            await who.cancel()
        await self.settle()
        return outcome

    async def refusals(
        self, who: Person, view: View, base: Mapping[str, Any], table: Sequence[tuple[Mapping[str, Any], set[str]]]
    ) -> None:
        """Send a form again and again, each time with other changes, and find each refused at just these fields."""
        fresh = view.payload
        for changes, fields in table:
            view.payload = fresh  # as it was opened: neither filled in nor drawn anew
            view.values.clear()
            outcome = await who.submit(await as_asked(who, view, base, changes), view, checked=False)
            assert set(outcome.errors) == fields, (changes, outcome.errors)
        await who.cancel(view)

    async def fill(
        self, who: Person, word: str, base: Mapping[str, Any], changes: Mapping[str, Any], code: str | None = None
    ) -> Outcome:
        """Type the command, fill in its form and send it; a change to None leaves the field out."""
        view = await self.ask(who, f"{word} {self.code if code is None else code}".rstrip())
        return await self.submit(who, await as_asked(who, view, base, changes))

    async def press(self, who: Person, action: str, values: Mapping[str, Any] | None = None, **options: Any) -> Outcome:
        """Press a button; with `values` fill in the form that it opens and send it."""
        outcome = await who.press(action, **options)
        if values is not None:
            await self.form(who)
            outcome = await self.submit(who, values)
        await self.settle()
        return outcome

    async def opens(self, who: Person | None = None, /, **changes: Any) -> str:
        """`/sip ny`: the case is opened, and is from now on what the story is about."""
        before = await self.reading(lambda reader: set(opened(reader)))
        outcome = await self.fill(who or self.anna, "ny", OPENING, changes, "")
        assert not outcome.errors, outcome.errors
        (self.code,) = await self.reading(lambda reader: set(opened(reader)) - before)
        self.codes.append(self.code)
        return self.code

    async def records_consent(self, who: Person | None = None, /, **changes: Any) -> Outcome:
        return await self.fill(who or self.anna, "samtycke", CONSENT, changes)

    async def summons(self, who: Person | None = None, /, **changes: Any) -> Outcome:
        return await self.fill(who or self.anna, "kalla", {**SUMMONS, **CONFIRMED}, changes)

    async def moves(self, who: Person | None = None, /, **changes: Any) -> Outcome:
        return await self.fill(who or self.anna, "flytta", {**MOVED, **CONFIRMED}, changes)

    async def reports(self, who: Person | None = None, /, **changes: Any) -> Outcome:
        return await self.fill(who or self.anna, "hållet", HELD, changes)

    async def sends_plan(self, who: Person | None = None, /, **changes: Any) -> Outcome:
        return await self.fill(who or self.anna, "plan", PLAN, {"sent_on": self.today().isoformat(), **changes})

    async def withdraws(self, who: Person | None = None, /, **changes: Any) -> Outcome:
        return await self.fill(who or self.anna, "återta", WITHDRAWN, changes)

    async def closes(self, who: Person | None = None, /, **changes: Any) -> Outcome:
        return await self.fill(who or self.julia, "avsluta", CLOSED, changes)

    async def names(self, who: Person, /, *people: str, **changes: Any) -> Outcome:
        """An agency tells who comes: people of the chat by name, `others` as lines."""
        return await self.press(who, "summons.name", merged(NAMED, {"attendees": list(people), **changes}))

    # ---- whole stretches -------------------------------------------------------------------------------------

    @remembered
    async def summoned(self, **changes: Any) -> str:
        """Open a case, record the consent and summon: the state in which most stories begin."""
        agencies = changes.get("agencies", ["bup", "skola", "fk"])
        await self.opens(agencies=agencies)
        await self.records_consent(agencies=agencies)
        outcome = await self.summons(**changes)
        assert not outcome.errors, outcome.errors
        return self.code

    @remembered
    async def held(self, **changes: Any) -> str:
        """Go on until the first meeting has been reported on."""
        await self.summoned()
        await self.names(self.julia, "julia")
        await self.until("2026-12-08 15:00")
        outcome = await self.reports(**changes)
        assert not outcome.errors, outcome.errors
        return self.code

    @remembered
    async def active(self, **changes: Any) -> str:
        """Go on until the plan has been sent."""
        await self.held(**changes)
        outcome = await self.sends_plan()
        assert not outcome.errors, outcome.errors
        return self.code

    @remembered
    async def closing(self) -> str:
        """Go on until a follow-up meeting has found that no need remains."""
        await self.active()
        await self.until("2027-01-26 09:00")
        outcome = await self.summons(self.julia, date="2027-02-10", agencies=["bup", "skola"], chair="julia")
        assert not outcome.errors, outcome.errors
        await self.until("2027-02-10 14:30")
        outcome = await self.reports(self.julia, need_remains="no", lead=None, follow_up_on=None, attended=["bup"])
        assert not outcome.errors, outcome.errors
        return self.code

    # ---- what is kept ----------------------------------------------------------------------------------------

    async def reading(self, work: Callable[[Reader], T]) -> T:
        return await asyncio.wrap_future(self.bot.database.read(work))

    async def writing(self, work: Callable[[Transaction], T]) -> T:
        self.as_started = None
        return await asyncio.wrap_future(self.bot.database.write(work))

    async def case(self, code: str = "") -> Case:
        """Return the case as it stands."""
        return await self.reading(lambda reader: reader.cases.get(code or self.code))

    async def journal(self, action: str = "") -> list[JournalRow]:
        """Return the case's journal, all of it or the lines of one action."""
        rows = await self.reading(lambda reader: reader.journal.read(self.code))
        return [row for row in rows if action in ("", row.entry.action)]

    async def letters(self, what: str = "") -> list[KeptLetter]:
        """Return the case's letters, all of them or those of one kind."""
        kept = await self.reading(lambda reader: reader.outbox.of_case(self.code))
        return [letter for letter in kept if what in ("", letter.letter.what)]

    async def lapses(self) -> list[Lapse]:
        """Return what the auditor would find in all cases when nothing more happened for a while."""
        self.clock.move_to(self.clock.now() + LATE_AFTER * 1.1)
        return await self.reading(lambda r: look_at_cases(self.bot.services, r, codes(r, "", 100)))

    # ---- what people see -------------------------------------------------------------------------------------

    def says(self, key: str, **params: Any) -> str:
        """Return the bot's words under a key, in Swedish."""
        return str(self.bot.services.speak("sv")(key, **params))

    def messages(self, where: str) -> list[Message]:
        """Return what stands in an agency's channel, or in the direct messages of a person, for everybody there."""
        place = where if where in town.CHANNELS else self._channel_of(where)
        return [m for m in self.slack.state.messages.in_channel(place) if not m.deleted and m.only_for is None]

    def _channel_of(self, where: str) -> str:
        for channel, agency in town.CHANNELS.items():
            if agency == where:
                return channel
        return self.slack.people[where].channel().id

    def shown(self, where: str, action: str = "") -> Message:
        """Return the one message in a place, or the one there with this button."""
        found = [m for m in self.messages(where) if not action or action in buttons(m.blocks)]
        assert len(found) == 1, [m.text for m in found]
        return found[0]

    def whispers(self, who: Person) -> list[str]:
        """Return the texts that only this person saw, oldest first."""
        return [plain(message.blocks) for message in who.only_visible_to_me()]

    def whispered(self, who: Person) -> str:
        """Return the last thing that only this person was told."""
        return self.whispers(who)[-1]

    @property
    def answered(self) -> str:
        """Return what the last form said when it was sent."""
        assert self._kept is not None
        return plain(self._kept.blocks)

    def mails(self, address: str) -> list[EmailMessage]:
        """Return the mails to one address, oldest first."""
        return [parsed(mail) for mail in self.postbox.to(address)]

    def mails_to(self, name: str) -> list[EmailMessage]:
        """Return the mails to one member of staff."""
        return self.mails(town.BY_NAME[name].email)

    def methods_to(self, name: str) -> list[str]:
        """Return the METHOD and SEQUENCE of each calendar mail to a member of staff, oldest first."""
        return [
            f"{method} {calendar_value(mail, 'SEQUENCE')}"
            for mail in self.mails_to(name)
            if (method := method_of(mail))
        ]

    # ---- reminders -------------------------------------------------------------------------------------------

    def reminders(self, reminder: str = "", where: str = "") -> list[Reminder]:
        """Return the reminders that were posted, in order; each is told by the sealed token of its button."""
        posted = (call for call in self.slack.calls if call.method == "chat.postMessage" and call.ok)
        found = (
            Reminder(self._wall(call.at), self.place(call.args["channel"]), key.partition(":")[0], key)
            for call in posted
            for key in self.reminder_keys(call.args.get("blocks") or [])
        )
        return [r for r in found if reminder in ("", r.reminder) and where in ("", r.where)]

    def _wall(self, at: float) -> str:
        return datetime.fromtimestamp(at, self.bot.settings.zone).strftime("%Y-%m-%d %H:%M")

    def reminded(self, reminder: str) -> list[tuple[str, str]]:
        """Return when and where each reminder of a kind was first posted: ("2026-11-25 08:00", "bup")."""
        firsts = {(r.key, r.where): (r.at, r.where) for r in reversed(self.reminders(reminder))}
        return sorted(firsts.values())

    def reminder_keys(self, blocks: Sequence[Json]) -> list[str]:
        """Return the keys of the reminders that a message holds."""
        values = [
            element["value"] for element in elements(blocks) if element.get("action_id", "").startswith("nag.done")
        ]
        return [str(self.bot.services.seal.open(value)["k"]) for value in values]

    def open_reminders(self, where: str) -> list[str]:
        """Return the keys of the reminders that stand in a place now."""
        return [key for message in self.messages(where) for key in self.reminder_keys(message.blocks)]

    def place(self, channel: str) -> str:
        """Return what the stories call a channel: an agency, or the person whose direct messages it is."""
        if channel in town.CHANNELS:
            return town.CHANNELS[channel]
        members = self.slack.directory.channels[channel].members
        return next((name for name, person in self.slack.people.items() if person.user.id in members), channel)


def _next_try(reader: Reader) -> datetime | None:
    """Return when the courier can take a letter next; None when none could have gone by now."""
    return None if reader.outbox.oldest_waiting() is None else reader.outbox.next_ready()


def opened(reader: Reader) -> Iterator[str]:
    """Yield the codes of all cases there are."""
    yield from (row.entry.after for row in reader.journal.read("") if row.entry.action == "case.opened")


async def as_asked(who: Person, view: View, base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is filled in: the changes, and of the base what the form asks after these answers."""
    values = merged(base, changes)
    await who.work_through(view, values)
    return {name: value for name, value in values.items() if name in changes or name in names_of(view)}


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**base, **changes}.items() if value is not None}


def plain(blocks: Sequence[Json]) -> str:
    """Return all words of a message or view."""
    return "\n".join(texts(blocks))


_READ = frozenset({"text", "initial_value", "alt_text", "title_text"})


def texts(part: Any) -> list[str]:
    """Return every text that people read in blocks: labels, hints and what is filled in beforehand too."""
    found: list[str] = []
    _gather_texts(part, found)
    return found


def _gather_texts(part: Any, found: list[str]) -> None:
    if isinstance(part, dict):
        for name, value in part.items():
            if name in _READ and isinstance(value, str):
                found.append(value)
            else:
                _gather_texts(value, found)
    elif isinstance(part, list):
        for item in part:
            _gather_texts(item, found)


def elements(part: Any) -> list[Json]:
    """Return every element that can be acted on."""
    found: list[Json] = []
    _gather_elements(part, found)
    return found


def _gather_elements(part: Any, found: list[Json]) -> None:
    if isinstance(part, dict):
        if "action_id" in part:
            found.append(part)
        for value in part.values():
            _gather_elements(value, found)
    elif isinstance(part, list):
        for item in part:
            _gather_elements(item, found)


def buttons(blocks: Sequence[Json]) -> list[str]:
    """Return the contract names of the buttons of a message."""
    return [element["action_id"].partition("#")[0] for element in elements(blocks) if element["type"] == "button"]


# The library takes a header apart each time that anybody asks for it, and most are the same in all mails.
_POLICY = email.policy.default.clone(header_factory=lru_cache(maxsize=4096)(HeaderRegistry()))


@lru_cache(maxsize=256)
def parsed(mail: Mail) -> EmailMessage:
    """Return a mail as its reader's program takes it apart; that costs, and stories look again and again."""
    return email.message_from_bytes(mail.data, policy=_POLICY)


@lru_cache(maxsize=256)
def parts_of(mail: EmailMessage) -> tuple[tuple[str, str], ...]:
    """Return the parts of a mail that are text, each with its type ("text/plain")."""
    parts = ((part.get_content_type(), part) for part in mail.walk())
    return tuple((kind, str(part.get_content())) for kind, part in parts if kind.startswith("text/"))


def calendar_of(mail: EmailMessage) -> str:
    """Return the calendar object of a mail, unfolded; empty when it has none."""
    found = next((words for kind, words in parts_of(mail) if kind == "text/calendar"), "")
    return found.replace("\r\n", "\n").replace("\n ", "")


def calendar_value(mail: EmailMessage, name: str) -> str:
    """Return the value of a calendar property, without its parameters."""
    event = calendar_of(mail).partition("BEGIN:VEVENT")[2]
    line = next(line for line in event.splitlines() if line.startswith((f"{name}:", f"{name};")))
    return line.rpartition(":")[2] if name not in {"ATTENDEE", "ORGANIZER"} else line


def method_of(mail: EmailMessage) -> str:
    calendar = calendar_of(mail)
    return calendar.partition("METHOD:")[2].partition("\n")[0] if calendar else ""


def workspace(slack: StandIn) -> str:
    """Return who is in a workspace, and where, so that a change of it shows."""
    held = slack.directory
    return repr((held.users, held.channels, held.installations))


def import_the_town(tx: Transaction) -> None:
    tx.replace_directory(town.directory(), "operator")


@cache
def with_the_town(empty_database: Path) -> Path:
    """Return a copy of an empty database with the directory in it, imported once for all stories."""
    path = shutil.copyfile(empty_database, empty_database.with_name("town.db"))
    keys = Keyring([KEY.get_secret_value()])
    with closing(open_database(f"sqlite:///{path}", keys, MovableClock(MONDAY))) as database:
        database.write(import_the_town).result()
    return path


@asynccontextmanager
async def telling(
    folder: Path, empty_database: Path | str, *, over_http: bool = False, **settings: Any
) -> AsyncIterator[Story]:
    """Tell a story in a folder; its database is a copy of an empty SQLite file, or the empty one at a URL itself.

    `over_http`: what the bot says goes to the workspace over HTTP, and not the short way (`near.py`).
    """
    database = str(empty_database)
    plain_bot = isinstance(empty_database, Path) and not settings
    if isinstance(empty_database, Path):
        database = f"sqlite:///{shutil.copyfile(with_the_town(empty_database), folder / 'sipbot.db')}"
    clock = MovableClock(MONDAY)
    slack = StandIn(town.seed(), clock=lambda: clock.now().timestamp(), rate_limited=False)
    postbox = PostOffice()
    async with AsyncExitStack() as held:
        await held.enter_async_context(serving(slack))
        if not over_http:
            held.enter_context(near(slack))
        held.push_async_callback(postbox.close)
        chosen = Settings.model_construct(
            slack_signing_secret=SecretStr(slack.state.app.signing_secret),
            slack_bot_token=SecretStr(slack.bot_token()),
            slack_api_url=slack.api_url,
            sipbot_database_url=database,
            sipbot_secret_keys=(KEY,),
            sipbot_smtp_url=SecretStr(await postbox.open()),
            sipbot_mail_from=MAIL_FROM,
            **settings,
        )
        bot = build(chosen, clock)
        if not isinstance(empty_database, Path):
            await asyncio.wrap_future(bot.database.write(import_the_town))
        slack.connect(bot.web)
        await bot.start("web")
        story = Story(bot, slack, postbox, clock, folder)
        story.as_started = bot if plain_bot else None
        try:
            yield story
        finally:
            await story.bot.stop()
