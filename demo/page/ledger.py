"""What the bot keeps, in words an auditor can read: the journal, the outbox and the reminders, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from demo.slack.state.records import Json
from demo.world.clockwork import codes_of_all
from demo.world.people import PEOPLE
from demo.world.world import World
from domain.errors import NotFound
from storage.journal import SYSTEM, JournalRow
from storage.outbox.letter import KeptLetter
from storage.reminders import Reminder
from storage.transaction import Reader

# Details whose values have words of their own, by the first parts of the keys that these stand under.
_WORDED: Mapping[str, tuple[str, ...]] = {
    "ground": ("ground",),
    "channel": ("channel",),
    "form": ("expression",),
    "noticed_by": ("noticed_by",),
    "reason": ("decline_reason", "snooze_reason", "lead_reason", "follow_up_reason"),
    "wish": ("wish",),
}
_STAFF = {user: name for user, _, name, _ in PEOPLE}


class Ledger:
    """Reads what is kept, within one reading of the database."""

    def __init__(self, world: World, reader: Reader) -> None:
        self._world = world
        self._reader = reader
        self._own = world.words
        self._words = world.bot.services.speak(world.language)

    def read(self) -> Json:
        """Return the cases, and the rows of each kind; every row names its case, who it is about, and its moment."""
        codes = codes_of_all(self._reader)
        counts = self._reader.outbox.counts()
        rows = [row for code in (SYSTEM, *codes) for row in self._reader.journal.read(code) if not _is_double(row)]
        letters = (letter for code in codes for letter in self._reader.outbox.of_case(code))
        reminders = (reminder for code in codes for reminder in self._reader.reminders.of_case(code))
        return {
            "cases": [found for code in reversed(codes) if (found := self._case(code))],
            "counts": {"waiting": counts.waiting, "taken": counts.taken, "dead": counts.dead},
            "journal": _newest_first(self._row(row) for row in rows),
            "letters": _newest_first(self._letter(letter) for letter in letters),
            "reminders": _newest_first(self._reminder(reminder) for reminder in reminders),
        }

    def _case(self, code: str) -> Json | None:
        try:
            listing, due_at = self._reader.cases.listing(code)
        except NotFound:  # it was erased
            return None
        return {
            "code": code,
            "state": self._words(f"state.{listing.state}"),
            "owner": self._person(listing.owner),
            "due_at": None if due_at is None else self._wall(due_at),
        }

    def _row(self, row: JournalRow) -> Json:
        entry = row.entry
        moved = entry.before != entry.after and all(self._words.has(f"state.{s}") for s in (entry.before, entry.after))
        return {
            "key": f"{entry.code}/{row.seq}",
            "code": entry.code,
            "seq": row.seq,
            "at": self._wall(row.at),
            "what": self._said(f"journal.{entry.action}", entry.action),
            "who": self._own.get(f"actor.{entry.actor or 'clock'}") or self._person(entry.actor),
            "agency": self._agency(entry.agency),
            "more": [*(self._states(entry.before, entry.after) if moved else ()), *self._details(entry.details)],
            "raw": {"action": entry.action, "actor": entry.actor, "before": entry.before, "after": entry.after}
            | {"details": dict(entry.details)},
        }

    def _states(self, before: str, after: str) -> tuple[str, ...]:
        states = (self._words(f"state.{state}") for state in (before, after))
        return (self._own("behind.moved", **dict(zip(("before", "after"), states, strict=True))),)

    def _details(self, details: Mapping[str, object]) -> list[str]:
        found = []
        for name, value in details.items():
            label = self._own.get(f"detail.{name}")
            if name == "form" and not any(self._words.has(f"{prefix}.{value}") for prefix in _WORDED.get(name, ())):
                continue  # the name of a form that was opened, which is told by the line itself
            if label is not None and value not in ("", None):
                found.append(label.format(value=self._value(name, value)))
        return found

    def _value(self, name: str, value: object) -> str:
        text = str(value)
        if name == "reminder":
            return self._reminder_name(text)
        if name == "letter":
            return self._said(f"letter.{text}", text)
        if name in ("lead", "agency", "to"):
            return self._agency(text) or self._person(text)
        for prefix in _WORDED.get(name, ()):
            if self._words.has(f"{prefix}.{text}"):
                return self._words(f"{prefix}.{text}")
        try:
            return self._words.short_day(date.fromisoformat(text))
        except ValueError:
            return text

    def _letter(self, kept: KeptLetter) -> Json:
        letter = kept.letter
        return {
            "key": f"{letter.key} {kept.state.value}",
            "code": letter.code,
            "at": self._wall(kept.settled_at or kept.put_at),
            "what": self._said(f"letter.{letter.what}", letter.what),
            "who": self._addressee(letter.address),
            "state": kept.state.value,
            "why": kept.why and (self._own.get(f"why.{kept.why}") or kept.why),
            "attempts": kept.attempts,
        }

    def _reminder(self, reminder: Reminder) -> Json:
        snoozed = reminder.snoozed_until
        state = "done" if reminder.done_at else "snoozed" if snoozed and snoozed > self._world.clock.now() else "open"
        until = reminder.done_at or snoozed
        return {
            "key": f"{reminder.key} {state}",
            "code": reminder.code,
            "at": self._wall(reminder.fired_at),
            "what": self._reminder_name(reminder.kind),
            "who": self._addressee(reminder.address),
            "state": state,
            "until": None if until is None else self._wall(until),
        }

    def _reminder_name(self, key: str) -> str:
        kind = key.partition(":")[0]
        return self._said(f"reminder.{kind}.name", kind)

    def _said(self, key: str, otherwise: str) -> str:
        """Return the bot's own words for something, or the demo's where the bot never says it."""
        words = self._words(key) if self._words.has(key) else self._own.get(key) or otherwise
        return words[:1].upper() + words[1:]

    def _addressee(self, address: str) -> str:
        platform, _, rest = address.partition(":")
        kind, _, name = rest.partition(":")
        if platform == "slack" and kind == "channel":
            channel = self._world.slack.directory.channels.get(name)
            return f"#{channel.name}" if channel else name
        if platform == "matrix" and kind == "room":
            room = self._world.matrix.held.rooms.get(name)
            return room.name if room else name
        return self._person(name) if kind == "person" else rest or address

    def _agency(self, agency: str) -> str:
        return self._own.get(f"agency.{agency}") or ""

    def _person(self, identity: str) -> str:
        user = identity.removeprefix("matrix:").rpartition("/")[2]
        return _STAFF.get(user, user)

    def _wall(self, at: datetime) -> str:
        return at.astimezone(self._world.zone).isoformat()


def _is_double(row: JournalRow) -> bool:
    """Say whether the system's chain only repeats what stands in the case's own."""
    return row.entry.code == SYSTEM and bool(row.entry.after)


def _newest_first(rows: Iterable[Json]) -> list[Json]:
    return sorted(rows, key=lambda row: (row["at"], row.get("seq", 0)), reverse=True)
