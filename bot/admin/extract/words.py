"""The extract of a case in words: all that its JSON holds and nothing else, for the person it is about (GDPR 15)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeAlias

from storage.outbox.letter import LetterState
from templates import Words

Held: TypeAlias = Mapping[str, Any]

# Fields that hold the id of an agency.
_AGENCIES: Final = frozenset(
    [
        "agency",
        "agencies",
        "by_agency",
        "unit",
        "lead_agency",
        "contact_agency",
        "forwarded_from",
        "attended",
        "follow_up_with",
        "target",
        "recipient",
        "recipients",
        "wanted",
        "who",
    ]
)
# Fields that hold a word of a fixed set, where what is said for it does not stand under the field's own name.
_WORDS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "after": ("state",),
    "before": ("state",),
    "channels": ("channel",),
    "choice": ("admission_choice",),
    "done": ("task",),
    "extras": ("extra",),
    "findings": ("finding",),
    "form": ("expression",),
    "flags": ("flag",),
    "functions": ("function",),
    "given_by": ("giver",),
    "goals_met": ("extent",),
    "ground": ("figure",),
    "how": ("way",),
    "meeting_by_reason": ("wish_reason",),
    "order": ("extent",),
    "parts": ("part",),
    "person": ("took_part",),
    "place": ("place_wish",),
    "purpose": ("topic",),
    "reason": ("decline_reason",),
    "reasons": ("reason",),
    "role": ("companion_role", "companion"),
    "topics": ("topic",),
    "ways": ("taking_part",),
    "what": ("letter",),
}
ACTORS: Final = ("clock", "courier", "calendar", "operator")
ACTS: Final = (
    "read.case",
    "read.extract",
    "read.feed",
    "read.form",
    "read.home",
    "read.list",
    "reminder.missed",
    "case.erased",
)
"""What stands in the journal and in no history of a case, since it would only repeat itself there."""

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CLOCK: Final = re.compile(r"\d\d:\d\d", re.ASCII)
_STAMP: Final = {"by", "at"}
_BESIDE = " · "


@dataclass(frozen=True, slots=True)
class Line:
    """One line, and how far in it stands."""

    text: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is held: what it is, and its lines."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the extract under its heading; `text` says what stands in it, or that nothing does."""

    heading: str
    text: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """The whole extract, to be put on paper; `made` is when it was made, `language` "sv" or "en"."""

    title: str
    code: str
    language: str
    made: datetime
    intro: tuple[str, ...]
    parts: tuple[Part, ...]


def paper_of(held: Held, words: Words) -> Paper:
    """Return an extract, as `taken` makes it, in words."""
    return _Writer(held, words).paper()


class _Writer:
    def __init__(self, held: Held, words: Words) -> None:
        self._held = held
        self.words = words
        self._agencies: Mapping[str, str] = held["names"]["agencies"]
        self._people: Mapping[str, str] = held["names"]["staff"]

    def paper(self) -> Paper:
        held, words, code = self._held, self.words, self._held["code"]
        made = datetime.fromisoformat(held["exported_at"])
        title = words("paper.title", code=code)
        intro = (words("paper.made", when=self._moment(held["exported_at"])), *words("paper.intro").split("\n"))
        return Paper(title, code, words.language, made, intro, tuple(self._parts()))

    def _parts(self) -> Iterator[Part]:
        held = self._held
        yield self._part("journal", [self._row(row) for row in held["journal"]])
        yield self._part("accesses", [self._row(row) for row in held["accesses"]])
        yield self._part("document", self._document())
        listing = held["listing"]
        yield self._part("listing", [] if listing is None else [Entry("", tuple(self._record(listing)))])
        yield self._part("letters", [self._sent(each) for each in held["letters"]])
        yield self._part("posts", [self._flat(self._moment(each["shown_at"]), each) for each in held["posts"]])
        yield self._part("reminders", [self._reminded(each) for each in held["reminders"]])
        yield self._part("names", [Entry("", tuple(self._named()))])
        rest = {name: held[name] for name in ("format", "exported_at", "due_at") if held[name] is not None}
        yield self._part("about", [Entry("", tuple(self._record(rest)))])

    def _part(self, name: str, entries: Sequence[Entry]) -> Part:
        words = self.words
        text = words(f"paper.{name}.text") if entries else words("paper.nothing")
        return Part(words(f"paper.{name}"), text, tuple(entries))

    def _row(self, row: Held) -> Entry:
        """Return a line of the journal as a sentence: when, who, of which agency, did what; then all that is more."""
        actor, action, agency = row["actor"], row["action"], row["agency"]
        title = self.words(
            "paper.row",
            when=self._moment(row["at"]),
            who=self.words(f"actor.{actor}") if actor in ACTORS else self._person(actor),
            agency=self._agencies.get(agency, agency),
            what=self._act(action),
        )
        said = {"actor", "action", "agency", "at"} | (set() if row["erased"] else {"erased"})
        more = {name: value for name, value in row.items() if name not in said}
        return self._flat(title, more)

    def _act(self, action: str) -> str:
        if action in ACTS:
            return self.words(f"act.{action}")
        if action.startswith("letter."):
            return self.words("paper.letter", what=self._known(action) or action)
        return self._known(f"journal.{action}") or action

    def _sent(self, kept: Held) -> Entry:
        what = kept["letter"]["what"]
        written = self._moment(kept["put_at"])
        title = self.words("paper.written", when=written, what=self._known(f"letter.{what}") or what)
        return self._flat(title, kept)

    def _reminded(self, reminder: Held) -> Entry:
        kind = reminder["kind"]
        what = self._known(f"reminder.{kind}.name") or kind
        return self._flat(self.words("paper.written", when=self._moment(reminder["fired_at"]), what=what), reminder)

    def _document(self) -> list[Entry]:
        document = self._held["document"]
        return [] if document is None else [Entry("", tuple(self._record(document)))]

    def _named(self) -> Iterator[Line]:
        for whose in (self._agencies, self._people):
            yield from (Line(f"{name}: {id_}") for id_, name in whose.items())

    def _flat(self, title: str, record: Held) -> Entry:
        """Return a record on one line, since there are many like it; what is empty is left out for that reason, too."""
        together = _BESIDE.join(line.text for line in self._record(record, brief=True))
        return Entry(title, (Line(together.replace(f":{_BESIDE}", ": ")),))

    def _record(self, record: Held, depth: int = 0, under: str = "", *, brief: bool = False) -> Iterator[Line]:
        """Yield a line for each thing that is held, and unless it is to be `brief` one with all that are empty."""
        empty = []
        for name, value in record.items():
            label = self._label(name)
            if value is None or value in ("", [], {}):
                empty.append(label)
            elif isinstance(value, Mapping):
                if set(value) == _STAMP:
                    yield Line(f"{label}: {self._person(value['by'])}, {self._moment(value['at'])}", depth)
                else:
                    yield Line(f"{label}:", depth)
                    yield from self._record(value, depth + 1, name, brief=brief)
            elif isinstance(value, list):
                yield from self._list(name, label, value, depth, brief=brief)
            else:
                yield Line(f"{label}: {self._value(name, under, value)}", depth)
        if empty and not brief:
            yield Line(self.words("paper.empty", names=", ".join(empty)), depth)

    def _list(self, name: str, label: str, values: Sequence[Any], depth: int, *, brief: bool) -> Iterator[Line]:
        plain = [each for each in values if not isinstance(each, (Mapping, list))]
        if plain:
            yield Line(f"{label}: {', '.join(self._value(name, '', each) for each in plain)}", depth)
        for number, each in enumerate((each for each in values if isinstance(each, (Mapping, list))), start=1):
            yield Line(f"{label}, {number}:", depth)
            inner = each if isinstance(each, Mapping) else {str(at): part for at, part in enumerate(each, start=1)}
            yield from self._record(inner, depth + 1, name, brief=brief)

    def _label(self, name: str) -> str:
        # A field without a word stands as it is kept, and so does what is no field: an agency, the key of a reminder.
        if self.words.has(f"kept.{name}"):
            return self.words(f"kept.{name}")
        return self._agencies.get(name) or self._person(name)

    def _value(self, name: str, under: str, value: Any) -> str:
        if isinstance(value, bool):
            return self.words("paper.yes") if value else self.words("paper.no")
        text = str(value)
        if name == "state" and text in set(LetterState):
            return self.words(f"letter_state.{text}")
        if name == "form" and (form := self._known(f"{text}.form_title")):
            return form
        # How the plan was sent stands by recipient, so that what is a recipient is the name here.
        field = under if under == "channels" else name
        said = filter(None, (self._known(f"{prefix}.{text}") for prefix in _WORDS_OF.get(field, (field,))))
        agency = self._agencies.get(text, "") if name in _AGENCIES else ""
        return next(said, agency) or self._written(name, text)

    def _written(self, name: str, text: str) -> str:
        if _INSTANT.fullmatch(text):
            return self._moment(text)
        if _DAY.fullmatch(text):
            return self.words.day(date.fromisoformat(text))
        if name == "clock" and _CLOCK.fullmatch(text):
            return self.words.clock(text)
        return self._person(text)

    def _person(self, text: str) -> str:
        """Return the name of a member of staff, or of whoever is behind an address in chat; else what was given."""
        name = self._people.get(text) or self._people.get(text.replace(":person:", ":", 1))
        if name is None:
            return text
        return name if list(self._people.values()).count(name) == 1 else f"{name} ({text})"

    def _known(self, key: str) -> str:
        """Return words that are asked for elsewhere, where there are any."""
        speak = self.words
        return speak(key) if speak.has(key) else ""

    def _moment(self, text: str) -> str:
        return self.words.whole_moment(datetime.fromisoformat(text))
