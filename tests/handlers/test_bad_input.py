"""Bad input from people gets a clear answer at the field or one plain sentence; nothing is lost or half-done."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from demo.slack.delivery import payloads
from demo.slack.delivery.delivery import BotAnswer, Delivery
from demo.slack.people.modal import fill_in
from demo.slack.people.person import Person
from demo.slack.state.records import Json, View
from domain.summons import Standing
from storage.journal import JournalRow
from tests.handlers.story import (
    CONSENT,
    HELD,
    MOVED,
    NAMED,
    OPENING,
    PLAN,
    SUMMONS,
    WITHDRAWN,
    Story,
    as_asked,
    elements,
    merged,
    plain,
)

# Numbers and addresses that are nobody's: 12 December 1912 is the date of the tax agency's own test numbers.
FORBIDDEN = {
    "personal number": [
        "19121212-1212",
        "191212121212",
        "121212-1212",
        "1212121212",
        "121212+1212",
        "19 12 12 12 12 12",
    ],
    "coordination number": ["19121272-1219", "121272-1219"],
    "telephone": ["070-174 06 05", "+46 70 174 06 05", "0701740605", "08-465 004 21"],
    "mail address": ["kim.exempelask@exempel.invalid"],
}
NUMBERS = [number for numbers in FORBIDDEN.values() for number in numbers]

Reach: TypeAlias = Callable[[Story], Awaitable[tuple[Person, View, dict[str, Any]]]]


async def opening(story: Story) -> tuple[Person, View, dict[str, Any]]:
    reason = {"decision": "deny", "denial_reason": "Bara en verksamhet berörs", "record_ref": "17"}
    return story.anna, await story.ask(story.anna, "ny"), merged(OPENING, reason)


async def consenting(story: Story) -> tuple[Person, View, dict[str, Any]]:
    if not story.code:
        await story.opens()
    return story.anna, await story.ask(story.anna, f"samtycke {story.code}"), dict(CONSENT)


async def summoning(story: Story) -> tuple[Person, View, dict[str, Any]]:
    if not story.code:
        await story.opens()
        await story.records_consent()
    return story.anna, await story.ask(story.anna, f"kalla {story.code}"), dict(SUMMONS)


async def summoned(story: Story) -> None:
    if not story.code:
        await story.summoned()


async def moving(story: Story) -> tuple[Person, View, dict[str, Any]]:
    await summoned(story)
    return story.anna, await story.ask(story.anna, f"flytta {story.code}"), dict(MOVED)


async def answering(story: Story, action: str, values: dict[str, Any]) -> tuple[Person, View, dict[str, Any]]:
    await summoned(story)
    await story.julia.press(action)
    return story.julia, await story.form(story.julia), values


async def naming(story: Story) -> tuple[Person, View, dict[str, Any]]:
    return await answering(story, "summons.name", merged(NAMED, {"attendees": ["julia"]}))


async def proposing(story: Story) -> tuple[Person, View, dict[str, Any]]:
    return await answering(story, "summons.propose", {"date": "2026-12-11", "start": "10:00"})


async def declining(story: Story) -> tuple[Person, View, dict[str, Any]]:
    return await answering(story, "summons.decline", {"reason": "time"})


async def forwarding(story: Story) -> tuple[Person, View, dict[str, Any]]:
    return await answering(story, "summons.forward", {"agency": "vc"})


async def reporting(story: Story) -> tuple[Person, View, dict[str, Any]]:
    if not story.code:
        await story.summoned()
        await story.until("2026-12-08 15:00")
    return story.anna, await story.ask(story.anna, f"hållet {story.code}"), merged(HELD, {"attended": ["soc", "bup"]})


async def planning(story: Story) -> tuple[Person, View, dict[str, Any]]:
    if not story.code:
        await story.held()
    return story.anna, await story.ask(story.anna, f"plan {story.code}"), merged(PLAN, {"sent_on": "2026-12-08"})


async def withdrawing(story: Story) -> tuple[Person, View, dict[str, Any]]:
    await summoned(story)
    return story.anna, await story.ask(story.anna, f"återta {story.code}"), dict(WITHDRAWN)


async def closing(story: Story) -> tuple[Person, View, dict[str, Any]]:
    if not story.code:
        await story.closing()
    view = await story.ask(story.julia, f"avsluta {story.code}")
    return story.julia, view, {"ground": "goals_met", "agreed": ["yes"]}


async def snoozing(story: Story) -> tuple[Person, View, dict[str, Any]]:
    if not story.code:
        await story.summoned()
        await story.until("2026-11-25 09:00")
    await story.julia.press("nag.snooze")
    return story.julia, await story.form(story.julia), {"until": "2026-11-27", "reason": "waiting"}


FORMS: dict[str, Reach] = {
    "case.open": opening,
    "consent.record": consenting,
    "consent.withdraw": withdrawing,
    "meeting.summon": summoning,
    "summons.name": naming,
    "summons.propose": proposing,
    "summons.decline": declining,
    "summons.forward": forwarding,
    "meeting.move": moving,
    "meeting.held": reporting,
    "plan.send": planning,
    "case.close": closing,
    "nag.snooze": snoozing,
}
WITH_TEXT = ("case.open", "meeting.summon", "summons.name", "meeting.move", "meeting.held")
TEXTS = ("plain_text_input", "url_text_input")
LONGEST = {
    "denial_reason": 300,
    "record_ref": 80,
    "place": 150,
    "follow_up_place": 150,
    "lead_outside": 120,
    "link": 300,
    "others": 2000,
}


def raw(kind: str, value: object) -> Json:
    names = {
        "static_select": ("selected_option", {"value": value}),
        "multi_static_select": ("selected_options", [{"value": value}]),
        "checkboxes": ("selected_options", [{"value": value}]),
        "datepicker": ("selected_date", value),
        "timepicker": ("selected_time", value),
        "users_select": ("selected_user", value),
        "multi_users_select": ("selected_users", [value]),
    }
    name, held = names.get(kind, ("value", value))
    return {"type": kind, name: held}


class Filled:
    """A form on somebody's screen, filled in well; it stays open while it is refused."""

    def __init__(self, person: Person, view: View, values: dict[str, Any]) -> None:
        self.person, self.view, self.values = person, view, values
        self.kinds = {e["action_id"]: str(e["type"]) for e in elements(view.blocks)}

    def fields(self, *kinds: str) -> list[str]:
        """Return the names of the fields of these kinds, by the form itself: a new one is found by its kind."""
        return [name for name, kind in self.kinds.items() if kind in kinds]

    async def refused(self, field: str, value: object) -> dict[str, str]:
        """Send the form with one field tampered with; return the errors. A form that was taken has none."""
        self.view.values.clear()  # what was tampered with before
        tampered = {field: raw(self.kinds[field], value)}
        outcome = await self.person.submit(self.values, self.view, checked=False, tampered=tampered)
        assert outcome.action == "errors", (field, value, outcome.action)
        return outcome.errors


async def filled_in(person: Person, view: View, values: dict[str, Any]) -> Filled:
    """Return the form once it asks all that these answers make it ask."""
    return Filled(person, view, await as_asked(person, view, values, {}))


# ---- numbers and addresses of people --------------------------------------------------------------------------------


def hidden_in(field: str, number: str) -> str:
    """Return a text of the field's own kind with a number in it."""
    if field == "link":
        return f"https://exempel.invalid/?{number.replace(' ', '-')}"
    if field == "others":
        return f"Kim {number}, Psykolog, kim@exempel.invalid"
    return f"Ring {number} först"


@pytest.mark.parametrize("form", WITH_TEXT)
async def test_no_text_field_takes_a_number_or_an_address_of_a_person(story: Story, form: str) -> None:
    """Law 4D.2. What was typed is not repeated in the answer, nor kept anywhere."""
    filled = await filled_in(*await FORMS[form](story))
    before = await story.reading(lambda reader: reader.outbox.counts())
    for field in filled.fields(*TEXTS):
        for number in NUMBERS:
            if field == "others" and "@" in number:
                continue  # a mail address belongs there
            errors = await filled.refused(field, hidden_in(field, number))
            assert set(errors) == {field}, (field, number, errors)
            assert number not in errors[field]
    assert await story.reading(lambda reader: reader.outbox.counts()) == before


async def test_the_forms_with_text_fields_are_all_looked_at(story: Story) -> None:
    """A text field that is added to a form must not go unnoticed."""
    await story.summoned()
    await story.until("2026-12-08 12:00")
    for form in ("case.open", "consent.record", "consent.withdraw", "summons.name", "summons.propose", "meeting.move"):
        filled = await filled_in(*await FORMS[form](story))
        assert bool(filled.fields(*TEXTS)) is (form in WITH_TEXT), form
        while filled.person.view is not None:
            await filled.person.cancel()


async def test_nor_do_the_lines_of_people_in_any_of_their_parts(story: Story) -> None:
    filled = await filled_in(*await naming(story))
    for number in FORBIDDEN["personal number"] + FORBIDDEN["telephone"]:
        assert set(await filled.refused("others", f"Kim Ask, {number}, kim@exempel.invalid")) == {"others"}
        if " " not in number:
            line = f"Kim Ask, Psykolog, {number}@exempel.invalid"
            assert set(await filled.refused("others", line)) == {"others"}, line


async def test_what_people_write_about_a_meeting_is_taken(story: Story) -> None:
    """The guard lets pass what looks like a number and is none."""
    await story.opens(record_ref="DNR 2026-11-23:17")
    await story.records_consent()
    outcome = await story.summons(place="Rum 4021, plan 3, Storgatan 12 B kl. 13-14")
    assert not outcome.errors


async def test_markup_stays_what_was_written(story: Story) -> None:
    """`&<>` and mentions reach nobody as markup."""
    place = "Rum <!channel> & <@U0JULIA> *A* <b>här</b>"
    await story.summoned(place=place)
    for call in story.slack.calls:
        assert "<!channel>" not in str(call.args.get("text", ""))
        for block in call.args.get("blocks") or []:
            assert "mrkdwn" not in str(block)
    assert place in plain(story.shown("bup").blocks)


# ---- lengths, choices, days ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
async def test_what_a_field_cannot_take_is_refused_at_that_field(story: Story, form: str) -> None:
    """Too long, not offered, no day, no time, nobody; and an emptied form. Nothing of it happens."""
    filled = await filled_in(*await FORMS[form](story))
    journal = await story.reading(lambda reader: reader.journal.read(story.code))
    for field in filled.fields(*TEXTS):
        text = {"link": "https://exempel.invalid/"}.get(field, "").ljust(LONGEST[field] + 1, "a")
        assert set(await filled.refused(field, text)) == {field}
    for field in filled.fields("static_select", "multi_static_select"):
        assert field in await filled.refused(field, "annat")
    for field in filled.fields("datepicker"):
        for day in ("2026-13-45", "i morgon", "1899-12-31", "9999-12-31", "٢٠٢٦-١٢-٠٨"):
            assert field in await filled.refused(field, day), day
    for field in filled.fields("timepicker"):
        for clock in ("25:00", "ett", "13:00:00:00"):
            assert field in await filled.refused(field, clock), clock
    for field in filled.fields("users_select", "multi_users_select"):
        # What is no member of the chat at all reads as nobody, which these two may be.
        if field == "without_mandate":
            for user in ("U0OVE", "U9EVA", "U0NOBODY"):
                assert field in await filled.refused(field, user), user
        elif field != "secretary":
            for user in ("U0OVE", "U9EVA", "U0NOBODY", "'; DROP TABLE", ""):
                assert field in await filled.refused(field, user), user
    emptied = {name: {"type": kind} for name, kind in filled.kinds.items()}
    outcome = await filled.person.submit({}, filled.view, checked=False, tampered=emptied)
    assert outcome.action == "errors"
    assert await story.reading(lambda reader: reader.journal.read(story.code)) == journal


# ---- tampering -------------------------------------------------------------------------------------------------------


def broken(token: str) -> list[str]:
    """Return values that a button of ours never carried."""
    middle = len(token) // 2
    flipped = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    return ["", "x", "åäö", token[:-1], token + "A", flipped, "A" * 1500, '{"c": "SIP-00000-0"}', "\u0000"]


async def test_a_button_whose_value_was_tampered_with_does_nothing(story: Story) -> None:
    await story.summoned()
    value = next(
        e["value"] for e in elements(story.shown("bup").blocks) if e["action_id"].startswith("summons.received")
    )
    for wrong in broken(value):
        outcome = await story.press(story.julia, "summons.received", tampered={"value": wrong})
        assert outcome.status == 200
        assert story.says("token.broken").strip() in story.whispered(story.julia)
    assert await story.journal("summons.received") == []


async def test_a_button_that_does_not_exist_does_nothing(story: Story) -> None:
    await story.summoned()
    outcome = await story.press(story.julia, "summons.received", tampered={"action_id": "case.delete"})
    assert outcome.status == 200
    assert story.says("press.unknown").strip() in story.whispered(story.julia)


@pytest.mark.parametrize("form", FORMS)
async def test_a_form_whose_token_was_tampered_with_does_nothing(story: Story, form: str) -> None:
    person, view, values = await FORMS[form](story)
    before = await changes(story)
    for wrong in broken(view.payload["private_metadata"])[2:6]:
        outcome = await person.submit(values, view, checked=False, altered={"private_metadata": wrong})
        assert outcome.status == 200
        assert person.view is not None
        assert story.says("token.broken").strip() in plain(person.view.blocks)
        await person.cancel()
        person, view, values = await FORMS[form](story)
    assert await changes(story) == before


async def changes(story: Story) -> list[JournalRow]:
    """Return the journal but for what was only looked at, such as an opened form."""
    rows = await story.reading(lambda reader: reader.journal.read(story.code))
    return [row for row in rows if not row.entry.action.startswith("read.")]


async def test_the_token_of_another_form_is_not_taken(story: Story) -> None:
    await story.summoned()
    withdrawing_view = await story.ask(story.anna, f"återta {story.code}")
    await story.ask(story.anna, f"flytta {story.code}")
    altered = {"private_metadata": withdrawing_view.payload["private_metadata"]}
    await story.anna.submit(dict(MOVED), altered=altered)
    assert story.anna.view is not None
    assert story.says("token.broken").strip() in plain(story.anna.view.blocks)
    altered = {"callback_id": "case.delete"}
    await story.anna.cancel()
    await story.ask(story.anna, f"flytta {story.code}")
    await story.anna.submit(dict(MOVED), altered=altered)
    meeting = (await story.case()).meeting
    assert meeting is not None
    assert meeting.clock == "13:00"


async def test_another_agencys_button_is_not_ones_own(story: Story) -> None:
    """A value copied from another channel carries no right with it."""
    await story.summoned()
    foreign = next(
        e["value"] for e in elements(story.shown("skola").blocks) if e["action_id"].startswith("summons.name")
    )
    await story.press(story.julia, "summons.name", tampered={"value": foreign})
    assert story.julia.view is None
    assert story.says("right.answering").strip() in story.whispered(story.julia)


@pytest.mark.parametrize("form", FORMS)
async def test_somebody_elses_form_is_not_ones_own(story: Story, form: str) -> None:
    """A form that reached the wrong hands gives no right either."""
    person, view, values = await FORMS[form](story)
    values = await as_asked(person, view, values, {})
    journal = await story.reading(lambda reader: reader.journal.read(story.code))
    for stranger in (story.pia, story.ove):
        entered = await story.slack.dispatch.send(
            Delivery("interactive", submission(story, stranger, view, values, person))
        )
        assert entered.status == 200
        await story.settle()
    assert await story.reading(lambda reader: reader.journal.read(story.code)) == journal
    if form == "case.open":
        assert await story.writing(lambda tx: tx.cases.own("slack:T0/U0PIA", 5)) == ()


def submission(story: Story, stranger: Person, view: View, values: dict[str, Any], owner: Person) -> Json:
    fill_in(view, {k: v for k, v in values.items() if k not in {"attendees", "chair", "lead"}}, {})
    payload = payloads.view_submission(story.slack.state, owner.user, view)
    payload["user"] = {**payload["user"], "id": stranger.user.id, "team_id": stranger.user.team}
    return payload


# ---- old buttons -----------------------------------------------------------------------------------------------------


async def test_an_old_button_of_a_recalled_summons_says_so(story: Story) -> None:
    await story.summoned()
    old = copy.deepcopy(story.shown("skola"))
    await story.records_consent(agencies=["bup", "fk"])
    for action in ("summons.received", "summons.name", "summons.decline"):
        await story.press(story.omar, action, source=old)
        assert story.omar.view is None
        assert story.says("answer.recalled", code=story.code).strip() in story.whispered(story.omar)


async def test_an_old_button_of_a_forwarded_summons_says_so(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    old = copy.deepcopy(story.shown("bup"))
    await story.press(story.julia, "summons.forward", {"agency": "vc"})
    await story.press(story.julia, "summons.name", source=old)
    said = story.whispered(story.julia)
    assert story.says("answer.forwarded", code=story.code).strip() in said
    assert story.says("error.settled") in said, "nothing failed"
    assert story.says("error.footer", reference="").split("{")[0].split(" ")[0] not in said, "nobody needs help"


async def test_an_old_button_of_an_ended_case_says_so(story: Story) -> None:
    await story.summoned()
    old = copy.deepcopy(story.shown("bup"))
    await story.withdraws()
    await story.press(story.julia, "summons.received", source=old)
    assert story.says("answer.over", code=story.code).strip() in story.whispered(story.julia)


async def test_an_old_button_of_the_meeting_before_says_so(story: Story) -> None:
    await story.summoned()
    old = copy.deepcopy(story.shown("bup"))
    await story.until("2026-12-08 15:00")
    await story.reports(outcome="not_held", consent_confirmed=None, attended=None, lead=None, follow_up_on=None)
    await story.summons(date="2026-12-16")
    await story.press(story.julia, "summons.received", source=old)
    assert story.says("answer.over", code=story.code).strip() in story.whispered(story.julia)
    meeting = (await story.case()).meeting
    assert meeting is not None
    assert meeting.standing_of("bup") is Standing.SENT


# ---- who is nobody here ----------------------------------------------------------------------------------------------


async def test_who_is_not_in_the_directory_may_do_nothing(story: Story) -> None:
    unknown = story.says("right.unknown_person").strip()
    for text in ("", "ny", "lista", "visa SIP-00000-0"):
        outcome = await story.command(story.ove, text)
        assert unknown in plain(outcome.messages[-1].blocks)
    await story.summoned()
    story.slack.directory.channels["C0BUP"].members.append("U0OVE")
    await story.press(story.ove, "summons.received", source=story.shown("bup"))
    assert unknown in story.whispered(story.ove)
    await story.ove.open_home()
    await story.settle()
    assert story.ove.home is not None
    assert unknown in plain(story.ove.home.blocks)
    assert story.code not in plain(story.ove.home.blocks)


async def test_people_of_another_workspace_may_do_nothing(story: Story) -> None:
    """In a shared channel they see the message; it is the workspace and the person together that count."""
    await story.summoned()
    channel = story.slack.directory.channels["C0BUP"]
    channel.members.append("U9EVA")
    channel.shared_with = frozenset({"open_points"})
    await story.press(story.eva, "summons.received", source=story.shown("bup"))
    assert await story.journal("summons.received") == []
    assert (await story.journal("summons.named")) == []


async def test_the_same_user_id_in_another_workspace_is_somebody_else(story: Story) -> None:
    await story.summoned()
    outcome = await story.julia.press("summons.received")
    assert outcome.delivery is not None
    payload = copy.deepcopy(outcome.delivery.payload)
    await story.settle()
    before = len(await story.journal())
    payload["user"]["team_id"] = "open_points"
    payload["actions"][0]["action_ts"] = "1.000001"
    answer = await story.slack.dispatch.send(Delivery("interactive", payload))
    await story.settle()
    assert answer.status == 200
    assert len(await story.journal()) == before


async def test_only_coordinators_open_cases(story: Story) -> None:
    outcome = await story.command(story.pia, "ny")
    assert story.pia.view is None
    assert story.says("right.opening").strip() in plain(outcome.messages[-1].blocks)


@pytest.mark.parametrize("word", ["kalla", "flytta", "hållet", "plan", "avsluta"])
async def test_an_agency_that_is_summoned_does_not_steer_the_case(story: Story, word: str) -> None:
    await story.summoned()
    outcome = await story.command(story.julia, f"{word} {story.code}")
    assert story.julia.view is None
    assert story.says("right.steering", name="Anna Exempelberg").strip() in plain(outcome.messages[-1].blocks)


async def test_an_error_bears_a_reference_that_stands_in_the_log(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    outcome = await story.command(story.pia, "ny")
    records = [record for record in caplog.records if getattr(record, "reference", "")]
    assert records
    assert getattr(records[-1], "reference") in plain(outcome.messages[-1].blocks)  # noqa: B009 - not in the type
    assert getattr(records[-1], "key") == "right.opening"  # noqa: B009 - as above


async def test_a_press_counts_whatever_its_address_for_answers_holds(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    """Half a character in it made the press fail, with an apology and an error in the log."""
    await story.summoned(agencies=["bup"])
    link = story.slack.dispatch.http
    assert link is not None
    whole = link.send

    async def send(delivery: Delivery) -> BotAnswer:
        return await whole(replace(delivery, payload={**delivery.payload, "response_url": "https://h/\ud800\x00\r\n"}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(link, "send", send)
        await story.press(story.sven, "summons.received")
    assert len(await story.journal("summons.received")) == 1
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
