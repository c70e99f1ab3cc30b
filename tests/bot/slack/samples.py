"""Words, cards and forms for the Slack tests; all of it is invented."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from bot.slack.block_kit.rules import check_blocks, check_view
from handlers.ui.cards import Button, Card, Choice, Chooser, Fact, Section, Tone
from handlers.ui.forms import Field, FieldKind, Form, Note, Option

_WORDS = {
    "slack.choose": "Välj",
    "slack.close": "Stäng",
    "slack.failed": "Något gick fel hos oss. Referens {reference}.",
    "slack.form_failed": "Formuläret gick inte att öppna.",
    "slack.later": "Det tar lite längre tid. Svaret kommer i ett meddelande.",
    "slack.more": "… och {n} till",
    "slack.no_options": "inget att välja",
    "slack.not_saved": "Inget ändrades",
    "slack.too_slow": "Slack var för långsamt, försök igen.",
    "slack.warning": "Viktigt:",
    "slack.app_name": "SIP",
    "slack.app_description": "Håller samordnade individuella planer i rörelse.",
    "slack.command_description": "Öppna, kalla, flytta, följ upp",
    "slack.command_hint": "[ny | kalla | visa | lista] [KOD]",
}


def words(key: str, /, **params: object) -> str:
    return _WORDS[key].format(**params)


def anybodys_words(sender: object) -> Any:
    return words


def summons() -> Card:
    token = "t" * 120
    return Card(
        title="Kallelse till SIP-möte",
        summary="Kallelse till SIP-möte SIP-7K3QD-M, svara senast torsdag 3 december",
        sections=(
            Section(
                text="Ni är kallade till ett första möte.",
                facts=(Fact("Ärende", "SIP-7K3QD-M"), Fact("När", "torsdag 3 december kl. 13.00–14.00")),
                lines=("Bekräfta att kallelsen är mottagen", "Utse vem som kommer"),
            ),
        ),
        buttons=(
            Button("summons.received", "Mottagen", token, Tone.PRIMARY),
            Button("summons.name", "Utse deltagare", token),
            Button("summons.propose", "Föreslå annan tid", token),
            Button("summons.forward", "Skicka vidare", token),
            Button("summons.decline", "Tacka nej", token, Tone.DANGER, hint="Tacka nej till mötet SIP-7K3QD-M"),
        ),
        footer="Skriv inget om personen i kanalen.",
    )


def every_kind() -> Form:
    agencies = (Option("soc", "Socialtjänsten"), Option("bup", "Barn- och ungdomspsykiatrin", "Region Exempel"))
    return Form(
        name="meeting.summon",
        title="Kalla till möte",
        submit="Kalla",
        cancel="Avbryt",
        token="sealed",
        parts=(
            Note("Kontrollera samtycket först.", warning=True),
            Field("date", FieldKind.DATE, "Datum", required=True, initial="2026-12-03"),
            Field("start", FieldKind.TIME, "Tid", required=True, initial="13:00"),
            Field(
                "minutes",
                FieldKind.SELECT,
                "Längd",
                options=(Option("30", "30 min"), Option("60", "1 timme")),
                initial="60",
            ),
            Field("place", FieldKind.TEXT, "Plats", max_length=200, placeholder="Rum och adress"),
            Field("wish", FieldKind.LINES, "Önskemål", initial="Två\nrader"),
            Field("link", FieldKind.URL, "Länk"),
            Field("agencies", FieldKind.MULTI_SELECT, "Vilka", required=True, options=agencies, initial=("bup",)),
            Field("flags", FieldKind.CHECKBOXES, "Särskilt", options=(Option("acute", "Brådskande", "Inom en vecka"),)),
            Field("chair", FieldKind.USER, "Ordförande", required=True, initial="slack:T0/U0ANNA"),
            Field(
                "attendees", FieldKind.USERS, "Deltagare", hint="De som kommer", initial=("slack:T0/U1", "slack:T0/U2")
            ),
            Note("Tiden skickas till alla som är kallade."),
        ),
    )


_text = st.text(max_size=20) | st.just("å" * 400)
_label = st.text(min_size=1, max_size=20) | st.just("Ö" * 90)
_token = st.text("abc019-_", max_size=6) | st.just("t" * 300)
_action = st.sampled_from(["summons.received", "summons.name", "nag.done", "nag.snooze", "case.show"])

buttons = st.builds(
    Button,
    action=_action,
    label=_label,
    token=_token,
    tone=st.sampled_from(Tone),
    hint=_text,
    url=st.sampled_from(["", "https://kalender.example.se/a"]),
)
choosers = st.builds(
    Chooser,
    action=_action,
    label=_label,
    choices=st.lists(st.builds(Choice, label=_label, token=_token.filter(bool), note=_text), max_size=6).map(tuple),
)
sections = st.builds(
    Section,
    heading=_text,
    text=st.one_of(_text, st.just("x" * 5000)),
    facts=st.lists(st.builds(Fact, _label, _text), max_size=3).map(tuple),
    lines=st.lists(_text, max_size=3).map(tuple),
    buttons=st.lists(buttons, max_size=7).map(tuple),
    chooser=st.none() | choosers,
)
cards = st.builds(
    Card,
    title=_text,
    summary=_text,
    sections=st.lists(sections, max_size=4).map(tuple)
    | st.lists(sections, min_size=1, max_size=1).map(lambda one: tuple(one * 60)),
    buttons=st.lists(buttons, max_size=8).map(tuple),
    footer=_text,
)


def breaches(blocks: list[dict[str, Any]], surface: str) -> list[str]:
    return [f"{one.code} {one.pointer}" for one in check_blocks(blocks, surface)]


def view_breaches(view: dict[str, Any]) -> list[str]:
    return [f"{one.code} {one.pointer}" for one in check_view(view)]
