"""One arrival: who acts, when, with what in hand. Handlers take a request and give an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from domain.case import Case
from domain.code import WrongCode, parse_code
from domain.directory import Directory, Staff
from domain.errors import Invalid, NotAllowed, NotFound, SipError, WrongState
from domain.problem import Problem
from domain.responsibility import may_report, may_see, may_send_plan, name_of, require_steering
from domain.stamp import Stamp
from handlers.save import Entry, save
from handlers.services import Services
from handlers.ui.actions import Token
from handlers.ui.cards import Card, Section
from handlers.ui.events import Sender
from handlers.ui.responses import Mend, Say
from handlers.view import View
from storage.outbox.outbox import Letter
from storage.transaction import Reader, Transaction
from templates import Words


@dataclass(frozen=True, slots=True)
class Request:
    """The surroundings of one act, for one registered member of staff."""

    services: Services
    tx: Transaction
    sender: Sender
    staff: Staff
    directory: Directory
    words: Words

    @property
    def now(self) -> datetime:
        """The instant of the act (UTC)."""
        return self.tx.now

    @property
    def today(self) -> date:
        """The local day of the act."""
        return self.services.rules.calendar.local_date(self.tx.now)

    @property
    def stamp(self) -> Stamp:
        """Who and when, for the case."""
        return Stamp(self.staff.id, self.now)

    @property
    def view(self) -> View:
        """The surroundings in which this person looks at a case now."""
        return View(self.services, self.words, self.directory, self.now)

    def require_still_of(self, agency: str) -> None:
        """Return when whoever spoke for a unit as they opened a form belongs to it still; "" is a unit not kept.

        Raises:
            NotAllowed: they belong to another one now, and what they wrote is not its word (`right.other_unit`).
        """
        if agency and agency != self.staff.agency:
            raise NotAllowed("right.other_unit")

    def entry(self, action: str, details: Mapping[str, str | int] | None = None, *, agency: str = "") -> Entry:
        """Return a line of the journal about this act, for the person's own agency or for another one."""
        return Entry(action, self.staff.id, agency or self.staff.agency, details or {})

    def save(
        self, before: Case | None, after: Case, entries: Iterable[Entry], letters: Iterable[Letter | None] = ()
    ) -> Case:
        """Save what this act has made of a case, with the journal's lines and the letters to send."""
        return save(self.services, self.tx, before, after, entries, letters)

    def seal(self, token: Token) -> str:
        """Return the sealed text of a button's or a form's token."""
        return token.seal(self.services.seal)

    def case_to_steer(self, code: str) -> Case:
        """Return the case when this person may act for it; one they may not even see looks as if it were not there."""
        case = self.case_to_see(code)
        require_steering(case, self.staff, self.directory)
        return case

    def case_to_plan(self, code: str) -> Case:
        """Return the case when this person may write the plan of its last meeting.

        After the first meeting that is still for the unit that called it (R194).
        """
        case = self.case_to_see(code)
        if not may_send_plan(case, self.staff, self.directory):
            require_steering(case, self.staff, self.directory)
        return case

    def case_to_report(self, code: str) -> Case:
        """Return the case for the chair of its meeting, or for somebody who steers it (R55)."""
        case = self.tx.cases.get(code)
        return case if may_report(case, self.staff, self.directory) else self.case_to_steer(code)

    def case_to_see(self, code: str) -> Case:
        """Return the case when this person may look at it."""
        case = self.tx.cases.get(code)
        if not may_see(case, self.staff, self.directory):
            raise NotFound("case.unknown", {"code": code})
        return case

    def code_in(self, text: str) -> str:
        """Return the case code that was typed; a slip is answered with the code that was probably meant."""
        try:
            return parse_code(text, known=self._may_know)
        except WrongCode as wrong:
            if wrong.suggestion is not None:
                raise Invalid("case.did_you_mean", {"code": wrong.suggestion}) from wrong
            raise Invalid("case.not_a_code") from wrong

    def _may_know(self, code: str) -> bool:
        """Say whether there is such a case and this person may see it, so that it can be what they meant."""
        return self.tx.cases.exists(code) and may_see(self.tx.cases.get(code), self.staff, self.directory)

    def by(self, stamp: Stamp) -> dict[str, str]:
        """Return who did something and when, in words: what the second of two people is told."""
        return {"name": name_of(stamp.by, self.directory), "when": self.words.moment(stamp.at)}

    def say(self, key: str, **params: object) -> Say:
        """Answer with a title and a sentence: the words under `key.title` and `key.text`."""
        return Say(self.card(key, **params))

    def card(self, key: str, **params: object) -> Card:
        """Return a plain card from the words under `key.title` and `key.text`."""
        title, text = self.words(f"{key}.title", **params), self.words(f"{key}.text", **params)
        return Card(title=title, summary=f"{title}. {text}", sections=(Section(text=text),))

    def mend(self, problems: Iterable[Problem]) -> Mend:
        """Answer with each problem's words at its field; the first problem of a field is the one shown."""
        errors: dict[str, str] = {}
        for problem in problems:
            errors.setdefault(problem.field, self.words(problem.key, **problem.params))
        return Mend(errors)

    def agency_name(self, agency: str) -> str:
        """Return an agency's name, or its id when the directory has lost it."""
        found = self.directory.agencies.get(agency)
        return found.name if found is not None else agency


def enter(services: Services, tx: Transaction, sender: Sender) -> Request:
    """Let a sender in, or raise `NotAllowed`: only people in the directory may use the bot, in whatever channel."""
    request = look(services, tx, sender)
    if sender.locale:
        tx.people.remember_locale(sender.identity, sender.locale)
    return request


def look(services: Services, reader: Reader, sender: Sender) -> Request:
    """Let a sender in who only looks; what is written in such a request fails, for a reader has nothing to write with.

    Raises:
        NotAllowed: the sender is not in the directory.
    """
    directory = reader.directory
    staff = directory.by_identity(sender.identity)
    if staff is None:
        raise NotAllowed("right.unknown_person")
    words = services.words_for(sender.locale or reader.people.locale(sender.identity))
    return Request(services, cast("Transaction", reader), sender, staff, directory, words)


def sorry(words: Words, error: SipError, reference: str) -> Say:
    """Answer an error in plain words, with the short reference that stands in the log too.

    That a case is further on is no fault: nobody needs help with it, and so no reference.
    """
    text, settled = words(error.key, **error.params), isinstance(error, WrongState)
    card = Card(
        title=words("error.settled" if settled else "error.title"),
        summary=text,
        sections=(Section(text=text),),
        footer="" if settled else words("error.footer", reference=reference),
    )
    return Say(card)
