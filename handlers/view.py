"""The surroundings in which a case is looked at: the reader's words, today's directory, and the moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.case import Case
from domain.directory import Directory
from domain.meeting import Meeting
from domain.responsibility import units_at_work
from handlers.services import Services
from handlers.ui.actions import Action, CaseStep, Token
from handlers.ui.cards import Button, Tone
from templates import Words


@dataclass(frozen=True, slots=True)
class View:
    """The surroundings in which a case is looked at: the words of the reader and the directory."""

    services: Services
    words: Words
    directory: Directory
    now: datetime

    def agency(self, agency: str) -> str:
        """Return an agency's name."""
        known = self.directory.agencies.get(agency)
        return known.name if known is not None else agency

    def alias(self, agency: str) -> str:
        """Return an agency's neutral name, which may stand in mails and calendars (law 4D)."""
        known = self.directory.agencies.get(agency)
        return known.alias if known is not None and known.alias else agency

    def agency_for(self, reader: str, agency: str, case: Case) -> str:
        """Return what an agency is called before the staff of another one.

        What a unit is called may tell of somebody's health. Its name is for itself and for the units that act for the
        case; before all others its alias stands (law 4D.3).
        """
        return self.agency(agency) if agency == reader or reader in units_at_work(case) else self.alias(agency)

    def seal(self, token: Token) -> str:
        """Return the sealed text of a button's or a form's token."""
        return token.seal(self.services.seal)

    def to_step(self, code: str, step: str, *, label: str = "", tone: Tone = Tone.PLAIN) -> Button:
        """Return the button that leads to a step in a case, with the step's own words unless others are given."""
        token = self.seal(CaseStep(code, step))
        return Button(Action.CASE_STEP, label or self.words(f"step.{step}.do"), token, tone)

    def when(self, meeting: Meeting) -> str:
        """Return day, time and length."""
        words = self.words
        return words(
            "when.meeting",
            day=words.day(meeting.day),
            clock=words.clock(meeting.clock),
            minutes=meeting.length,
        )
