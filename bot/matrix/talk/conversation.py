"""A form as a short conversation: one question at a time, and a last look before it counts.

Pure: what was typed and where the talk stands go in, where it stands now and what to say come out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeAlias

from bot.matrix.talk.draw import shown
from bot.matrix.talk.typed import clock, moment
from handlers.ui.branches import names_asked
from handlers.ui.forms import Field, FieldKind, Form, Note

Value: TypeAlias = str | tuple[str, ...] | None

BACK = frozenset({"tillbaka", "back"})
CANCEL = frozenset({"avbryt", "cancel"})
DEFAULT = frozenset({".", "ok", "okej"})
NOTHING = frozenset({"-", "–", "inget", "ingen", "inga", "hoppa", "none", "skip"})
ALL = frozenset({"alla", "allt", "all"})
YES = frozenset({"ja", "j", "yes", "y", "ok", "okej", "."})
NO = frozenset({"nej", "n", "no"})

_PICKS = re.compile(r"\d{1,3}(?:[\s,;]+(?:och\s+|and\s+)?\d{1,3})*", re.ASCII)


class Words(Protocol):
    """The words of one language, and days in it."""

    def __call__(self, key: str, /, **params: object) -> str:
        """Return the text for `key`."""
        ...

    def day(self, day: date, /) -> str:
        """Return a day with its weekday."""
        ...

    def clock(self, wall: str, /) -> str:
        """Return a wall time as the language writes it."""
        ...


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be named in a form."""

    identity: str
    name: str


@dataclass(frozen=True, slots=True)
class Question:
    """A field, and the notes that stand before it."""

    notes: tuple[str, ...]
    field: Field


@dataclass(frozen=True, slots=True)
class Talk:
    """Where a conversation stands. `at` is the question that is open; past the last one the whole is looked at.

    Questions that do not follow from the answers are passed over, and what was once said to them does not count.

    `person` is the one who is asked, `root` the message in whose thread, or "" in a direct room; `overview` is the
    message that holds everything said so far.
    """

    form: str
    title: str
    token: str
    questions: tuple[Question, ...]
    person: str
    root: str = ""
    overview: str = ""
    answers: tuple[tuple[str, Value], ...] = ()
    at: int = 0
    last_notes: tuple[str, ...] = ()
    language: str = ""

    @property
    def values(self) -> dict[str, Value]:
        """What has been said, by field."""
        return dict(self.answers)

    @property
    def asked(self) -> tuple[int, ...]:
        """The places of the questions that are asked, given what has been said; of the rest, what they begin with."""
        names = self._names_asked()
        return tuple(at for at, one in enumerate(self.questions) if one.field.name in names)

    @property
    def counting(self) -> dict[str, Value]:
        """What has been said to questions that are asked, by field."""
        names = self._names_asked()
        return {name: value for name, value in self.answers if name in names}

    def _names_asked(self) -> frozenset[str]:
        return names_asked([question.field for question in self.questions], self.values)

    def onwards(self) -> Talk:
        """Return the talk at the next question that is asked, or past the last one."""
        return replace(self, at=min((at for at in self.asked if at > self.at), default=len(self.questions)))

    def back(self) -> Talk:
        """Return the talk at the question that was asked before."""
        return replace(self, at=max((at for at in self.asked if at < self.at), default=self.at))

    def given(self, name: str, value: Value) -> Talk:
        """Return the talk with one more answer."""
        return replace(self, answers=tuple({**self.values, name: value}.items()))


class End(StrEnum):
    """How a conversation goes on."""

    GOES_ON = "goes_on"
    SEND = "send"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Turn:
    """What comes of one line: the talk as it is now, how it goes on, and what was wrong with the line."""

    talk: Talk
    end: End = End.GOES_ON
    wrong: str = ""


class _Unclear(Exception):
    """The line does not answer the question; the text says what would."""


def begin(form: Form, person: str, root: str) -> Talk:
    """Return the conversation that asks what a form asks."""
    questions: list[Question] = []
    notes: list[str] = []
    for part in form.parts:
        if isinstance(part, Note):
            notes.append(part.text)
        else:
            questions.append(Question(tuple(notes), part))
            notes = []
    return Talk(
        form.name,
        form.title,
        form.token,
        tuple(questions),
        person,
        root,
        last_notes=tuple(notes),
        language=form.language,
    )


def made_anew(talk: Talk, form: Form) -> Talk:
    """Return the conversation with the questions of a form that was made anew, at what is asked after the last answer.

    What has been said stays said.
    """
    fresh = begin(form, talk.person, talk.root)
    places = {question.field.name: at for at, question in enumerate(fresh.questions)}
    answered = (places[one.field.name] for one in talk.questions[: talk.at] if one.field.name in places)
    anew = replace(talk, questions=fresh.questions, last_notes=fresh.last_notes, at=max(answered, default=-1))
    return anew.onwards()


def has_changed(before: Talk, talk: Talk) -> bool:
    """Say whether an answer has changed after which the form is to be made anew."""
    names = (question.field.name for question in talk.questions if question.field.redraws)
    return any(before.values.get(name) != talk.values.get(name) for name in names)


def turn(talk: Talk, text: str, words: Words, people: Sequence[Person], today: date) -> Turn:
    """Take one line that the person has typed."""
    line = fold(text)
    if line in CANCEL:
        return Turn(talk, End.CANCELLED)
    if line in BACK:
        return Turn(talk.back())
    if talk.at >= len(talk.questions):
        return Turn(talk, End.SEND) if line in YES else Turn(talk, wrong=words("matrix.confirm_how"))
    field = talk.questions[talk.at].field
    try:
        return Turn(_answered(talk, field, text.strip(), words, people, today))
    except _Unclear as unclear:
        return Turn(talk, wrong=str(unclear))


def mended(talk: Talk, errors: Mapping[str, str]) -> Turn:
    """Return to the first question whose answer was refused."""
    asked = talk.asked
    wrong = (at for at in asked if talk.questions[at].field.name in errors)
    first = min(wrong, default=min(asked, default=0))
    return Turn(replace(talk, at=first), wrong="\n".join(errors.values()))


def _answered(talk: Talk, field: Field, text: str, words: Words, people: Sequence[Person], today: date) -> Talk:
    line = fold(text)
    default = talk.values.get(field.name, field.initial)
    if line in DEFAULT and not one_box(field):
        if field.required and not default:
            raise _Unclear(words("matrix.needed"))
        return talk.given(field.name, default).onwards()
    if line in NOTHING and not field.required:
        empty: Value = () if field.kind in SEVERAL else None
        return talk.given(field.name, empty).onwards()
    if field.kind is FieldKind.DATE:
        return _day(talk, field, text, words, today)
    value = _value(field, text, words, people)
    return talk.given(field.name, value).onwards()


def _day(talk: Talk, field: Field, text: str, words: Words, today: date) -> Talk:
    """Take a day, and the time too where it was typed with it and is asked for next."""
    day, wall = moment(text, today)
    if day is None:
        raise _Unclear(words("matrix.which_day"))
    talk = talk.given(field.name, day.isoformat()).onwards()
    following = talk.questions[talk.at].field if talk.at < len(talk.questions) else None
    if wall is not None and following is not None and following.kind is FieldKind.TIME:
        talk = talk.given(following.name, f"{wall:%H:%M}").onwards()
    return talk


SEVERAL = frozenset({FieldKind.MULTI_SELECT, FieldKind.CHECKBOXES, FieldKind.USERS})
CHOICES = frozenset({FieldKind.SELECT, FieldKind.MULTI_SELECT, FieldKind.CHECKBOXES, FieldKind.USER, FieldKind.USERS})


def _value(field: Field, text: str, words: Words, people: Sequence[Person]) -> Value:
    if field.kind is FieldKind.TIME:
        wall = clock(text)
        if wall is None:
            raise _Unclear(words("matrix.which_time"))
        return f"{wall:%H:%M}"
    if field.kind not in CHOICES:
        return shown(text)
    if one_box(field):
        if fold(text) not in YES | NO:
            raise _Unclear(words("matrix.yes_or_no"))
        if field.required and fold(text) in NO:
            raise _Unclear(words("matrix.needed"))
        return (field.options[0].value,) if fold(text) in YES else ()
    picked = _picked(text, options_of(field, people), words)
    if field.kind in SEVERAL:
        return tuple(dict.fromkeys(picked))
    if len(picked) != 1:
        raise _Unclear(words("matrix.only_one"))
    return picked[0]


def _picked(text: str, options: Sequence[tuple[str, str]], words: Words) -> list[str]:
    """Return the values that a line names, by number or by as much of a label as tells it from the others."""
    line = fold(text)
    if line in ALL:
        return [value for value, _ in options]
    if _PICKS.fullmatch(line):
        numbers = [int(number) for number in re.findall(r"\d+", line)]
        if all(1 <= number <= len(options) for number in numbers):
            return [options[number - 1][0] for number in numbers]
        raise _Unclear(words("matrix.which_number", most=len(options)))
    return [_named(part, options, words) for part in re.split(r"[,;\n]", text) if part.strip()]


def _named(text: str, options: Sequence[tuple[str, str]], words: Words) -> str:
    wanted = fold(text).removeprefix("@")
    exact = [value for value, label in options if wanted in {fold(label), fold(value), fold(value.partition("@")[2])}]
    found = exact or [value for value, label in options if wanted in fold(label)]
    if len(found) == 1:
        return found[0]
    typed = shown(text.strip())[:60]
    raise _Unclear(words("matrix.several", text=typed) if found else words("matrix.unknown", text=typed))


def options_of(field: Field, people: Sequence[Person]) -> list[tuple[str, str]]:
    """Return what can be chosen: each value with its words, in the order of their numbers."""
    if one_box(field):
        return []
    if field.kind in {FieldKind.USER, FieldKind.USERS}:
        return [(person.identity, shown(person.name)) for person in people]
    return [(option.value, option.label) for option in field.options]


def one_box(field: Field) -> bool:
    """Say whether a field is one box to tick: a question for yes or no."""
    return field.kind is FieldKind.CHECKBOXES and len(field.options) == 1


def fold(word: str) -> str:
    """Return a line without case and accents."""
    decomposed = unicodedata.normalize("NFKD", word.strip().casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
