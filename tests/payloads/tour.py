"""A tour through everything that the bot shows: every form, card and letter; and what it sent on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from demo.world.figures import COUNTED_ON, invented
from domain.lapse import Lapse, LapseKind
from handlers.letters import alarm
from handlers.save import put_letters
from handlers.set_back import went_on
from storage.transaction import Transaction
from tests.payloads.compiler import Case
from tests.whole.lives import Life, living

Language = Literal["sv", "en"]


@asynccontextmanager
async def toured(
    folder: Path, url: str, language: Language, watched: Callable[[Life], None] = lambda _: None
) -> AsyncIterator[Life]:
    """Go on the tour in one language; `watched` is given the life that sets out."""
    async with living(folder, url, language=language) as life:
        watched(life)
        users = life.slack.directory.users
        locale = {"sv": "sv-SE", "en": "en-GB"}[language]
        users.update({name: replace(user, locale=locale) for name, user in users.items()})
        await _without_a_case(life)
        await _cases_that_end_early(life)
        await _a_whole_case(life)
        await _the_figures(life)
        await _a_withdrawal(life)
        await _a_consent_that_runs_out(life)
        await _somebody_is_away(life)
        await _an_alarm(life)
        yield life


async def _without_a_case(life: Life) -> None:
    for text in ("", "lista", "visa", "nonsens", "visa SIP-00000-1"):
        await life.command(life.anna, text)
    for person in (life.anna, life.sven, life.ove):
        await life.command(person, "hjälp")
        await person.open_home()
        await life.settle()


async def _cases_that_end_early(life: Life) -> None:
    await life.opens(decision="deny", denial_reason="Önskemålet gällde något annat")
    await life.opens(decision="later")
    await life.fill(life.anna, "bedöm", {"noticed_on": "2026-11-20", "noticed_by": "staff", "ongoing": "yes",
                                         "decision": "declined"}, {})  # fmt: skip
    await life.summoned()
    await life.names(life.julia, "julia")
    await life.fill(life.anna, "märk", {"flags": ["protected", "acute"]}, {})
    await life.opens(flags=["protected", "acute"])
    await life.records_consent(decision="refused", parts=None, agencies=None, topics=None, valid_until=None)
    await life.ask(life.anna, f"samtycke {life.code}")
    await life.anna.cancel()


async def _a_whole_case(life: Life) -> None:
    await life.summoned(agencies=["bup", "skola", "fk", "polis"], secretary="karin")
    await life.fill(life.anna, "samtycke", {"extras": ["relatives", "premeeting"], "decision": "given", "form": "oral",
                                            "given_by": ["guardian_1", "guardian_2"]}, {})  # fmt: skip
    await life.fill(life.anna, "närstående", {"role": "related", "does": ["attends", "plan"]}, {})
    await life.command(life.anna, f"förbered {life.code}")
    await life.anna.press("case.step", source=life.anna.only_visible_to_me()[-1])
    await life.form(life.anna)
    await life.submit(life.anna, {"done": ["informed"], "ways": ["part"], "wanted": ["sven"], "premeeting": "planned"})
    for word in ("visa", "flytta", "kalla"):
        await life.command(life.anna, word)
    await life.anna.open_home()
    await life.press(life.julia, "summons.received")
    await life.fill(life.julia, "samtycke", {"given": ["yes"], "form": "oral", "valid_until": "2027-03-01"}, {})
    await life.names(life.julia, "julia", "sven", others="Kim Exempelask, Psykolog, kim.exempelask@exempel.invalid")
    await life.press(life.omar, "summons.propose", {"date": "2026-12-09", "start": "10:00"})
    await life.press(life.omar, "summons.decline", {"reason": "time"})
    await life.press(life.leif, "summons.received")
    await life.fill(
        life.anna, "svar", {"agency": "polis", "answer": "received", "how": "phone", "on": "2026-11-23"}, {}
    )
    await life.until("2026-12-03 12:00")
    await life.press(life.leif, "nag.snooze", {"until": "2026-12-04", "reason": "waiting"})
    await life.press(life.leif, "summons.forward", {"agency": "vc"})
    await life.moves()
    await life.command(life.anna, f"visa {life.code}")
    await life.names(life.julia, "julia")
    await life.until("2026-12-09 12:00")
    await life.until("2026-12-10 10:00")
    await life.command(life.anna, f"möte {life.code}")
    await life.press(life.anna, "meeting.tick")
    await life.until("2026-12-10 12:00")
    await life.reports(attended=["soc", "bup"], person="in_part", follow_up_with=["bup"])
    await life.fill(life.julia, "åtgärd", {"who": "bup", "sort": "contact", "starts": "2026-12-11"}, {})
    await life.fill(life.julia, "besked", {"agency": "bup", "awaits": "inquiry", "by": "2026-12-22"}, {})
    await _the_evaluation(life)
    await life.sends_plan(recipients=["person", "soc", "bup", "related:1"])
    await _the_plan_changes(life)
    await life.julia.open_home()
    await life.fill(life.julia, "uppföljning", {"date": "2027-02-20", "reason": "practical"}, {})
    await life.fill(life.julia, "huvudansvarig", {"lead": "sven", "reason": "person_wish"}, {})
    await life.fill(life.sven, "lämna", {"to": "julia"}, {})
    await life.fill(life.julia, "följ", {"goals_met": "partly"}, {"measure_1": "helps"})
    await life.fill(life.julia, "avvikelse", {"fault": "cooperation", "agency": "bup"}, {})
    await life.press(life.birgit, "deviation.answer", {"remedy": "routine"})
    await life.fill(life.julia, "inskriven", {"admitted_on": "2026-12-10"}, {})
    await life.fill(life.julia, "inskriven", {"discharged": ["yes"]}, {})
    await life.until("2027-01-26 09:00")
    await life.summons(life.julia, date="2027-02-10", agencies=["bup", "skola"], chair="julia")
    await life.until("2027-02-10 14:30")
    await life.reports(life.julia, need_remains="no", lead=None, follow_up_on=None, attended=["bup"])
    await life.closes()
    await life.press(life.omar, "closing.confirm")
    await life.command(life.julia, f"visa {life.code}")
    await life.until("2027-02-17 12:00")


async def _the_plan_changes(life: Life) -> None:
    await life.press(life.julia, "plan.received")
    await life.command(life.julia, f"åtgärd {life.code}")
    await life.julia.press("measure.change", source=life.julia.only_visible_to_me()[-1])
    await life.form(life.julia)
    await life.submit(life.julia, {"sort": "school"})
    await life.until("2026-12-10 14:00")


async def _the_evaluation(life: Life) -> None:
    await life.fill(life.sven, "utvärdera", {"divided": "4"}, {})
    await life.command(life.julia, f"utvärdera {life.code}")
    await life.julia.press("case.step", source=life.julia.only_visible_to_me()[-1])
    await life.form(life.julia)
    await life.submit(life.julia, {"felt": "yes", "listened": "5"})
    await life.command(life.sven, f"utvärdera {life.code}")


async def _the_figures(life: Life) -> None:
    await asyncio.wrap_future(life.bot.database.write(lambda tx: tx.figures.grow(invented(), COUNTED_ON)))
    await life.command(life.anna, "statistik")
    for _ in range(2):
        await life.anna.press("statistics.show", source=life.anna.only_visible_to_me()[-1])
        await life.settle()


async def _a_withdrawal(life: Life) -> None:
    await life.opens(noticed_on="2027-02-15")
    await life.records_consent(valid_until="2027-08-31")
    await life.summons(date="2027-03-10")
    await life.names(life.julia, "julia")
    await life.records_consent(agencies=["bup", "fk"], valid_until="2027-08-31")
    await life.records_consent(agencies=["bup", "fk"], valid_until="2027-06-30", functions=["nurse"])
    await life.withdraws()
    await life.until("2027-02-18 12:00")


async def _a_consent_that_runs_out(life: Life) -> None:
    await life.opens(noticed_on="2027-02-18")
    await life.records_consent(valid_until="2027-02-22")
    await life.summons(date="2027-03-10", confirmed=["yes"])
    await life.until("2027-02-24 12:00")


async def _somebody_is_away(life: Life) -> None:
    """The case goes to the manager while its coordinator is away, with a word for whom, and back."""
    await life.opens(noticed_on="2027-02-24")
    await life.writing(lambda tx: went_on(life.bot.services, tx, [life.code], "operator"))
    await life.fill(life.anna, "borta", {"until": "2027-03-15"}, {}, "")
    await life.until("2027-03-04 12:00")
    await life.command(life.anna, "tillbaka")


async def _an_alarm(life: Life) -> None:
    """Something of each kind did not go out, and the administrator is told: in chat, and by mail while chat is away."""
    lapses = [Lapse(kind, "", "invented") for kind in LapseKind]

    def plant(tx: Transaction) -> None:
        known = tx.directory
        staff = {key: replace(who, admin=who.email.startswith("rikard")) for key, who in known.staff.items()}
        tx.replace_directory(replace(known, staff=staff), "operator")
        tx.lapses.note(lapses, tx.now, list(LapseKind))
        put_letters(tx, alarm.alarms(tx, lapses, away=()))

    def by_mail(tx: Transaction) -> None:
        put_letters(tx, alarm.alarms(tx, lapses, away=("slack:",)))

    await life.writing(plant)
    await life.settle()
    await life.writing(by_mail)
    await life.settle()


def sent(life: Life, name: str) -> Iterator[Case]:
    """Yield everything that the bot sent to be drawn: by the Web API, to response URLs, and in its answers."""
    for number, call in enumerate(life.slack.calls):
        yield from _cases(f"{name}: call {number}, {call.method}", call.args)
    for number, exchange in enumerate(life.slack.dispatch.sent):
        yield from _cases(f"{name}: answer {number}", exchange.answer.json() or {})


def _cases(name: str, payload: dict[str, Any]) -> Iterator[Case]:
    view = payload.get("view")
    if isinstance(view, dict):
        yield Case(f"{name}, {view.get('callback_id', 'home')}", "Home" if view["type"] == "home" else "Modal", view)
    elif "blocks" in payload:
        kept = {key: payload[key] for key in ("text", "blocks", "metadata") if payload.get(key) is not None}
        yield Case(name, "Message", kept)
