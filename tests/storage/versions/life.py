"""A life that brings a database into every state there is: cases at each step, letters of each fate, two keys.

It is told to the real bot, as the stories are. All people, places and words are invented test data.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.app import build
from demo.slack.people.person import Person
from demo.slack.state.records import Message
from storage.encryption.cipher import fresh_key
from storage.rotation import rotate
from tests.handlers.calendar.calendars import Calendars, answering
from tests.handlers.story import NAMED, Story, buttons, elements, merged, plain

PUBLIC = "https://sip.exempel.invalid"
OTHERS = "Kim Exempelask, Psykolog, kim.exempelask@exempel.invalid\nAri Provask, Läkare, ari.provask@exempel.invalid"
NOT_HELD: dict[str, Any] = {"outcome": "not_held", "consent_confirmed": None, "attended": None, "need_remains": None}
NOTHING_SETTLED: dict[str, Any] = {"lead": None, "follow_up_on": None}


class Life:
    """The story and what a visitor of the dump needs to know of it: cases by name, buttons, secrets, keys."""

    def __init__(self, calendars: Calendars) -> None:
        self.calendars = calendars
        self.story: Story = calendars.story
        self.named: dict[str, str] = {}
        self.presses: dict[str, dict[str, Any]] = {}
        self.secrets: dict[str, str] = {}
        self.erased = ""
        self.keys = self.story.bot.settings.keys

    # ---- acts ----------------------------------------------------------------------------------------------

    async def opens(self, name: str, **changes: Any) -> str:
        self.named[name] = await self.story.opens(**changes)
        return self.named[name]

    async def consented(self, name: str, *, flags: tuple[str, ...] = (), **changes: Any) -> str:
        """Open a case and record its consent; `changes` are those of the consent."""
        today = self.story.today()
        agencies = changes.get("agencies", ["bup", "skola", "fk"])
        noticed_on = (today - timedelta(days=3)).isoformat()
        await self.opens(name, noticed_on=noticed_on, agencies=agencies, flags=list(flags))
        outcome = await self.story.records_consent(**changes)
        assert not outcome.errors, (name, outcome.errors)
        return self.named[name]

    async def summoned(self, name: str, date: str, *, agencies: list[str] | None = None, **changes: Any) -> str:
        asked = agencies or ["bup", "skola", "fk"]
        code = await self.consented(name, agencies=asked, topics=["responsibility", "school", "transition"])
        outcome = await self.story.summons(date=date, agencies=asked, **changes)
        assert not outcome.errors, (name, outcome.errors)
        return code

    def on(self, name: str) -> None:
        """Go on with a case of that name."""
        self.story.code = self.named[name]

    def card(self, where: str, action: str) -> Message:
        """Return the newest message in a place that is about the case and has this button."""
        found = [
            m for m in self.story.messages(where) if self.story.code in plain(m.blocks) and action in buttons(m.blocks)
        ]
        return found[-1]

    async def press(self, who: Person, where: str, action: str, values: dict[str, Any] | None = None) -> None:
        outcome = await self.story.press(who, action, values, source=self.card(where, action))
        assert not outcome.errors, (action, outcome.errors)

    async def names(self, who: Person, where: str, *people: str, **changes: Any) -> None:
        await self.press(who, where, "summons.name", merged(NAMED, {"attendees": list(people), **changes}))

    async def reports(self, who: Person | None = None, **changes: Any) -> None:
        outcome = await self.story.reports(who, **changes)
        assert not outcome.errors, outcome.errors

    async def sends_plan(self, who: Person | None = None, **changes: Any) -> None:
        outcome = await self.story.sends_plan(who, **changes)
        assert not outcome.errors, outcome.errors

    def remember(self, label: str, who: str, where: str, action: str) -> None:
        """Keep the sealed token of a button, to be pressed after the upgrade."""
        message = self.card(where, action)
        tokens = [e["value"] for e in elements(message.blocks) if e.get("action_id", "").partition("#")[0] == action]
        self.presses[label] = {
            "kind": "press",
            "who": self.story.slack.people[who].user.id,
            "name": action,
            "token": tokens[0],
            "case": self.story.code,
        }

    async def remember_form(self, label: str, who: Person, text: str, values: dict[str, Any]) -> None:
        """Keep the sealed token of a form that stands open, to be sent after the upgrade."""
        view = await self.story.ask(who, f"{text} {self.story.code}")
        self.presses[label] = {
            "kind": "submit",
            "who": who.user.id,
            "name": view.callback_id,
            "token": view.payload["private_metadata"],
            "values": values,
            "case": self.story.code,
        }
        await who.cancel()

    async def address_of(self, who: Person) -> str:
        """Return the secret part of somebody's overview address."""
        outcome = await self.story.command(who, "kalender")
        found = re.search(rf"{PUBLIC}/kalender/(\S+)\.ics", plain(outcome.messages[-1].blocks))
        assert found is not None
        return found[1]

    async def takes_a_new_key(self) -> None:
        """Start the bot anew with a new key before the old one, and wrap with it what the old one had wrapped."""
        story, old = self.story, self.story.bot
        assert old.answers is not None
        await old.stop()
        self.keys = [fresh_key(), *self.keys]
        chosen = old.settings.model_copy(update={"sipbot_secret_keys": tuple(SecretStr(key) for key in self.keys)})
        story.bot = build(chosen, story.clock)
        rotate(story.bot.database)
        story.slack.connect(story.bot.web)
        await story.bot.start("web")
        assert story.bot.answers is not None
        await story.bot.answers.start()


@asynccontextmanager
async def living(folder: Path, empty_database: Path) -> AsyncIterator[Life]:
    """Begin a life in a folder, on a copy of an empty SQLite database."""
    async with answering(folder, empty_database, sipbot_feed=True, sipbot_public_url=PUBLIC) as calendars:
        first = calendars.story.bot
        yield Life(calendars)
        if calendars.story.bot is not first:
            await calendars.story.bot.stop()


async def live(life: Life) -> None:
    """Live from 23 November 2026 to 11 February 2027."""
    await _autumn(life)
    await life.takes_a_new_key()
    await _follow_ups(life)
    await _winter(life)
    await _meetings_of_february(life)
    await _last_morning(life)
    await _what_does_not_arrive(life)


# The cases that have been held once when the new year begins, with the day of their follow-up.
HELD_ONCE = {
    "active": "2027-03-10",
    "second_plan": "2027-02-10",
    "closing": "2027-02-10",
    "closed": "2027-02-10",
    "followup_summoned": "2027-02-24",
    "followup_ready": "2027-02-24",
}


async def _autumn(life: Life) -> None:
    story = life.story
    for name in ("withdrawn", "not_held"):
        await life.summoned(name, "2026-12-08")
    life.on("withdrawn")
    await life.names(story.julia, "bup", "julia", others=OTHERS)
    await life.press(story.omar, "skola", "summons.received")
    life.remember("spent", "leif", "fk", "summons.received")
    for name in HELD_ONCE:
        await life.summoned(name, "2026-12-08")
        await life.names(story.julia, "bup", "julia", "sven", wish="met")
    await life.calendars.answers("julia", "ACCEPTED")
    await story.until("2026-11-24 10:00")
    life.on("withdrawn")
    await story.withdraws(form="written")
    await life.press(story.julia, "bup", "closing.confirm")
    await life.opens("erased")
    await story.until("2026-12-01 10:00")
    life.on("not_held")
    await life.reports(**NOT_HELD, **NOTHING_SETTLED)
    await story.writing(lambda tx: tx.shred(life.named["erased"]))
    life.erased = life.named.pop("erased")
    story.codes.remove(life.erased)
    await story.until("2026-12-08 15:00")
    for name, day in HELD_ONCE.items():
        life.on(name)
        place = "Sammanträdesrum 4" if name == "active" else None
        await life.reports(attended=["soc", "bup", "skola"], follow_up_on=day, follow_up_place=place)
    await story.until("2026-12-09 10:00")
    for name in HELD_ONCE:
        life.on(name)
        await life.sends_plan(recipients=["person", "soc", "bup", "skola"], responsible="municipality")
    life.on("active")
    await life.press(story.sven, "bup", "plan.received")
    life.remember("plan_received", "omar", "skola", "plan.received")
    await story.until("2026-12-10 12:00")


async def _follow_ups(life: Life) -> None:
    story = life.story
    await story.until("2027-01-26 09:00")
    for name in ("second_plan", "closing", "closed"):
        life.on(name)
        outcome = await story.summons(story.julia, date="2027-02-10", agencies=["bup", "skola"], chair="julia")
        assert not outcome.errors, outcome.errors
        await life.names(story.omar, "skola", "omar")
    for name in ("plan_draft", "completed"):
        await life.summoned(name, "2027-02-10", start="10:00", minutes="90", chair="karin")
        await life.names(story.julia, "bup", "julia")


async def _winter(life: Life) -> None:
    """Open what has not been held when the dump is made."""
    story = life.story
    await story.until("2027-02-03 09:00")
    for name in ("followup_summoned", "followup_ready"):
        life.on(name)
        outcome = await story.summons(
            story.julia, date="2027-02-24", agencies=["bup", "skola"], chair="julia", mode="digital", place=None,
            link="https://mote.exempel.invalid/rum", purpose=["responsibility"],
        )  # fmt: skip
        assert not outcome.errors, outcome.errors
    await life.names(story.julia, "bup", "julia")
    await life.names(story.omar, "skola", "omar", "rikard")
    recently = {"noticed_on": "2027-02-01"}
    await life.opens("denied", **recently, decision="deny", denial_reason="Behoven möts redan av en enda verksamhet")
    await life.opens(
        "assessed", noticed_on="2027-01-22", flags=["acute", "interpreter"], meeting_by="2027-03-15", age_band="adult",
        noticed_by="relative", reasons=["coordination", "sent_around"], record_ref="Exempel 2027-1",
    )  # fmt: skip
    await life.opens("refused", **recently)
    await story.records_consent(decision="refused", parts=None, agencies=None, topics=None)
    await life.opens("by_the_child", **recently, ongoing="no", fossam="contacted")
    await story.records_consent(
        given_by=["child"], child_judged=["able"], form="written", valid_until=None,
        extras=["premeeting", "relatives", "exclusions"],
    )  # fmt: skip
    await life.consented("exchange_only", agencies=["bup"], parts=["exchange"], topics=["needs"])
    await life.consented("expiring", valid_until="2027-02-20", agencies=["bup", "fk"], form="other")
    await _answered(life)
    await _moved(life)
    await _told_to_few(life)


async def _answered(life: Life) -> None:
    """A summons answered in each way, and one that everybody has answered with names."""
    story = life.story
    asked = ["bup", "skola", "fk", "vc", "polis"]
    await life.summoned(
        "answers", "2027-02-25", agencies=asked, minutes="90", purpose=["responsibility", "school"],
        secretary="karin",
    )  # fmt: skip
    life.remember("received", "pia", "vc", "summons.received")
    story.postbox.refuses.add("ari.provask@exempel.invalid")
    await life.names(story.julia, "bup", "julia", "sven", others=OTHERS, wish="not_met")
    await life.press(story.omar, "skola", "summons.propose", {"date": "2027-02-26", "start": "10:00"})
    await life.press(story.leif, "fk", "summons.decline", {"reason": "no_contact"})
    await life.calendars.answers("julia", "TENTATIVE")
    life.secrets["answer"] = life.calendars.newest("sven").token
    await life.summoned("ready", "2027-02-26", agencies=["bup", "skola"], mode="phone", place=None, start="08:30")
    await life.names(story.julia, "bup", "julia")
    await life.names(story.omar, "skola", "omar")
    await life.calendars.answers("omar", "ACCEPTED")
    await life.summoned("declined", "2027-02-26", agencies=["bup", "skola"])
    await life.press(story.julia, "bup", "summons.decline", {"reason": "no_staff"})
    await life.names(story.omar, "skola", "omar")
    await life.calendars.answers("omar", "DECLINED")
    await life.summoned("unanswered", "2027-02-18", agencies=["bup", "fk"])
    await life.press(story.leif, "fk", "summons.received")
    life.on("not_held")
    outcome = await story.summons(date="2027-03-02", agencies=["skola", "bup"])
    assert not outcome.errors, outcome.errors


async def _moved(life: Life) -> None:
    story = life.story
    await life.summoned("moved", "2027-02-23")
    await life.names(story.julia, "bup", "julia")
    await life.names(story.omar, "skola", "omar", "rikard")
    before = life.calendars.newest("julia")
    outcome = await story.moves(date="2027-03-04", start="15:15")
    assert not outcome.errors, outcome.errors
    await life.names(story.omar, "skola", "omar")
    await life.calendars.deliver(life.calendars.reply(before, "ACCEPTED"))


async def _told_to_few(life: Life) -> None:
    """Forwarded within the consent and outside it, narrowed, and protected."""
    story = life.story
    await life.consented("forwarded", agencies=["bup", "vc"])
    await story.summons(date="2027-03-01", agencies=["bup"])
    await life.press(story.julia, "bup", "summons.forward", {"agency": "vc"})
    await life.summoned("held_back", "2027-03-01", agencies=["bup"])
    await life.press(story.julia, "bup", "summons.forward", {"agency": "vc"})
    await life.summoned("narrowed", "2027-03-02", purpose=["responsibility", "school"])
    await life.names(story.omar, "skola", "omar")
    outcome = await story.records_consent(agencies=["bup", "fk"], topics=["responsibility"])
    assert not outcome.errors, outcome.errors
    await life.consented("protected", flags=("protected",))
    outcome = await story.summons(date="2027-02-25", start="14:00", place=None)
    assert not outcome.errors, outcome.errors
    await life.names(story.julia, "bup", "julia")


async def _meetings_of_february(life: Life) -> None:
    story = life.story
    await story.until("2027-02-09 10:00")
    life.on("unanswered")
    await life.press(story.julia, "bup", "nag.snooze", {"until": "2027-02-15", "reason": "absent"})
    await story.until("2027-02-10 15:00")
    life.on("second_plan")
    await life.reports(story.julia, attended=["bup", "skola"], lead="omar", follow_up_on="2027-05-12")
    await life.sends_plan(story.omar, recipients=["person", "bup", "skola"], responsible="region", channel="post")
    for name in ("closing", "closed"):
        life.on(name)
        await life.reports(story.julia, attended=["bup", "skola"], need_remains="no", **NOTHING_SETTLED)
    outcome = await story.closes(ground="no_need")
    assert not outcome.errors, outcome.errors
    await life.press(story.omar, "skola", "closing.confirm")
    life.remember("closing_confirmed", "leif", "fk", "closing.confirm")
    life.on("plan_draft")
    await life.reports(lead=None, no_lead="agencies_disagree", follow_up_on=None, no_follow_up="calendars")
    life.on("completed")
    await life.reports(lead=None, no_lead="not_present", follow_up_on=None, no_follow_up="person_undecided")
    await life.reports(follow_up_on="2027-05-05")


async def _last_morning(life: Life) -> None:
    """See the reminders of the last morning come, and note what stands open in chat."""
    story = life.story
    await story.until("2027-02-11 09:30")
    for someone in (story.anna, story.julia):
        await someone.open_home()
        await story.settle()
    for someone in (story.anna, story.omar):
        life.secrets[f"overview_{someone.user.name}"] = await life.address_of(someone)
    life.secrets["overview_revoked"] = await life.address_of(story.karin)
    await story.command(story.karin, "kalender av")
    life.on("followup_summoned")
    life.remember("followup_received", "omar", "skola", "summons.received")
    life.on("ready")
    life.remember("step", "anna", "anna", "case.step")
    life.on("closing")
    await life.remember_form("close", story.julia, "avsluta", {"ground": "goals_met", "agreed": ["yes"]})
    life.on("answers")
    moved = {
        "date": "2027-03-05", "start": "09:00", "minutes": "90", "mode": "in_person", "place": "Sammanträdesrum 5",
        "consulted": ["yes"],
    }  # fmt: skip
    await life.remember_form("move", story.anna, "flytta", moved)
    life.on("unanswered")
    life.remember("done", "leif", "fk", "summons.name")
    await story.writing(lambda tx: tx.people.remember_locale("slack:T0/U0SVEN", "en-GB"))
    await story.command(story.anna, f"visa {life.named['answers']}")


async def _what_does_not_arrive(life: Life) -> None:
    """Let chat and mail go down, so that letters of every rank wait; two of them are under way when all ends."""
    story = life.story
    story.slack.archive("C0FK")
    await life.summoned("late", "2027-03-08", agencies=["bup", "fk"])
    story.nothing_arrives()
    story.postbox.away = True
    await life.summoned("unsent", "2027-03-09")
    await life.consented("unasked", agencies=["bup"])
    life.on("moved")
    outcome = await story.moves(date="2027-03-03", start="10:00")
    assert not outcome.errors, outcome.errors
    life.on("expiring")
    outcome = await story.summons(date="2027-02-19", agencies=["bup"])
    assert not outcome.errors, outcome.errors
    life.on("late")
    outcome = await story.withdraws()
    assert outcome.action == "updated", outcome
    story.clock.move_to(story.clock.now() + timedelta(minutes=10))
    lease = timedelta(minutes=2)
    await story.writing(lambda tx: tx.outbox.hold("matrix:", tx.now + lease, "halted"))
    claims = await story.writing(lambda tx: tx.outbox.claim(tx.now, 3, "exempel:1", lease))
    assert len(claims) == 3
    await story.writing(lambda tx: tx.outbox.again(claims[0], tx.now, "timeout", unknown=True))
