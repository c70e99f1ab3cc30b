"""Cards as messages: text and HTML alike, a legend of every way to answer, and nothing that people wrote as markup."""

from __future__ import annotations

import re
from html import unescape

import templates
from bot.matrix.talk.draw import draw, edited, in_thread
from handlers.ui.cards import Button, Card, Choice, Chooser, Fact, Section

SV = templates.load("sv")

SUMMONS = Card(
    "Kallelse",
    "Kallelse till möte",
    (
        Section(text="Ni kallas.", facts=(Fact("När", "torsdag 3 december"),)),
        Section(heading="Lista", lines=("ett", "två")),
    ),
    (
        Button("summons.received", "Bekräfta", "token-1"),
        Button("summons.forward", "Skicka vidare", "token-2"),
        Button("link", "Läs mer", "", url="https://exempel.invalid/a"),
    ),
    "Svara snart.",
)


def as_text(html: str) -> str:
    spaced = re.sub(r"<(br|/p|/h4|/li|/ul|ul|p)>", "\n", html)
    return unescape(re.sub(r"<[^>]+>", "", spaced))


def test_text_and_html_say_the_same() -> None:
    content = draw(SUMMONS, SV).content
    text = re.sub(r"[•\s]+", " ", content["body"])
    assert re.sub(r"\s+", " ", as_text(content["formatted_body"])).strip() == text.strip()


def test_the_legend_numbers_every_way_and_keeps_tokens_out_of_the_message() -> None:
    drawn = draw(SUMMONS, SV)
    assert "1 ✅ Bekräfta" in drawn.content["body"]
    assert "5 ➡️ Skicka vidare" in drawn.content["body"]
    assert [(way.number, way.sign, way.token) for way in drawn.ways] == [(1, "✅", "token-1"), (5, "➡", "token-2")]
    assert "token-1" not in str(drawn.content)


def test_where_buttons_stand_amid_a_card_the_legend_stands_there_with_every_way() -> None:
    """A summons is answered before one reads of whom the consent covers: on a phone the legend was below the edge."""
    answer, rest = Button("summons.received", "Bekräfta", "a"), Button("other", "Annat", "b")
    consent = Section(facts=(Fact("Samtycke", "till och med i maj"),))
    card = Card("T", "T", (Section(text="Ni kallas."), Section(buttons=(answer,)), consent), (rest,), "Svara snart.")
    body = draw(card, SV).content["body"]
    order = ["Ni kallas.", SV("matrix.legend"), "1 ✅ Bekräfta", "Annat", "Samtycke:", "Svara snart."]
    assert sorted(order, key=body.index) == order
    assert body.count(SV("matrix.legend")) == 1


def test_a_way_to_answer_a_summons_keeps_its_number_when_others_fall_away() -> None:
    """People answer by what they read a while ago."""
    name, decline = Button("summons.name", "Anmäl", "a"), Button("summons.decline", "Nej", "b")
    first = draw(Card("T", "T", buttons=(Button("summons.received", "Bekräfta", "c"), name, decline)), SV)
    later = draw(Card("T", "T", buttons=(name, decline, Button("other", "Annat", "d"))), SV)
    assert [way.number for way in first.ways] == [1, 2, 4]
    assert [way.number for way in later.ways] == [2, 4, 5]


def test_a_link_is_text_and_no_way_to_answer() -> None:
    assert "Läs mer: https://exempel.invalid/a" in draw(SUMMONS, SV).content["body"]


def test_what_people_wrote_never_becomes_markup_or_turns_the_writing() -> None:
    hostile = '<img src=x onerror="a()"> <a href="https://matrix.to/#/@room">\u202egnirts'
    content = draw(Card("T", "T", (Section(text=hostile, facts=(Fact(hostile, hostile),)),)), SV).content
    assert "<img" not in content["formatted_body"]
    assert "<a " not in content["formatted_body"]
    assert "\u202e" not in content["body"] + content["formatted_body"]
    assert content["m.mentions"] == {}


def test_choices_are_numbered_after_the_buttons_before_them() -> None:
    chooser = Chooser("case.pick", "Vilket ärende?", (Choice("SIP-A", "a"), Choice("SIP-B", "b", "möte i dag")))
    drawn = draw(Card("T", "T", (Section(chooser=chooser),)), SV, direct=True)
    assert [(way.number, way.label, way.token) for way in drawn.ways] == [
        (1, "SIP-A", "a"),
        (2, "SIP-B möte i dag", "b"),
    ]


def test_a_way_says_what_it_is_about_in_whole_words() -> None:
    """It was cut in the middle of a word, in the list of reminders."""
    long = "SIP-7K3QD-Y: bekräfta att ni har fått kallelsen till SIP-mötet torsdag 3 december"
    (way,) = draw(Card("T", "T", (Section(text=long, buttons=(Button("nag.snooze", "Skjut upp", "t"),)),)), SV).ways
    about = way.label.removeprefix("Skjut upp – ")
    assert about.endswith(" …")
    assert long.startswith(about.removesuffix("…"))


def test_commands_begin_as_they_are_typed_here() -> None:
    body = draw(Card("T", "T", (Section(text="Skriv /sip ny. Se https://exempel.invalid/sip"),)), SV).content["body"]
    assert "Skriv !sip ny." in body
    assert "https://exempel.invalid/sip" in body


def test_an_edit_carries_the_whole_new_message_and_calls_nobody() -> None:
    content = draw(SUMMONS, SV).content
    change = edited(content, "$first")
    assert change["m.new_content"] == content
    assert change["body"].startswith("* ")
    assert change["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$first"}
    assert change["m.mentions"] == {}


def test_a_word_in_a_thread_falls_back_to_a_reply() -> None:
    relation = in_thread({"body": "x"}, "$root")["m.relates_to"]
    assert relation["event_id"] == "$root"
    assert relation["is_falling_back"] is True
    assert relation["m.in_reply_to"] == {"event_id": "$root"}


def test_a_huge_card_fits_into_an_event() -> None:
    content = draw(Card("T" * 9000, "T", tuple(Section(text="å" * 9000) for _ in range(60))), SV).content
    assert len(str(content).encode()) < 45_000
