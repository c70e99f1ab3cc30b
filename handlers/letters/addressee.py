"""Where a letter goes today: a case may be protected, a channel or a manager another, since it was written.

Who receives is asked when a letter leaves, in today's directory and of the case as it is then (law 4D.4, law 4D.9).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from domain.case import Case
from domain.directory import Directory
from domain.responsibility import may_receive, place_of, receiver_of
from domain.steps.deviations import deviation_of
from handlers import enqueue, mails, notices
from handlers.enqueue import What
from storage.outbox.letter import Letter
from storage.transaction import Reader

# Words that are for one person and nobody who stands in for them: that it is they who answer for the case now.
FOR_ONE_ALONE: Final = frozenset({"note.you_lead", "note.handed_to_you"})

Find: TypeAlias = Callable[[Case, Letter, Directory], str]


def today(reader: Reader, letter: Letter) -> str:
    """Return the address of a letter as it would be written now; "" when there is nobody left to write to.

    Raises:
        NotFound: its case, or what in it the letter is about, is gone.
    """
    find = _FINDERS.get(What(letter.what))
    return letter.address if find is None else find(reader.cases.get(letter.code), letter, reader.directory)


def _text(letter: Letter, name: str) -> str:
    return str(letter.args.get(name, ""))


def _at_agency(case: Case, letter: Letter, directory: Directory) -> str:
    return place_of(case, _text(letter, "agency"), directory)


def _told(case: Case, letter: Letter, directory: Directory) -> str:
    return enqueue.told_at(case, directory, _text(letter, "agency"))


def _file(_case: Case, letter: Letter, directory: Directory) -> str:
    return enqueue.channel_of(directory, _text(letter, "agency"))


def _board(case: Case, letter: Letter, directory: Directory) -> str:
    is_theirs = _text(letter, "owner") == enqueue.board_owner(case, directory)
    return receiver_of(case, case.responsible, directory) if is_theirs else letter.address


def _person(_case: Case, letter: Letter, directory: Directory) -> str:
    who = _text(letter, "holder") or _text(letter, "who")
    return directory.address_of(who) if who in directory.staff else letter.address


def _note(case: Case, letter: Letter, directory: Directory) -> str:
    to, agency = _text(letter, "to"), _text(letter, "agency")
    if not to:
        # Of a protected case no manager hears, also when it became so while the word waited for the morning.
        known = agency in directory.agencies and not case.protected
        return directory.address_of_manager(agency) if known else ""
    if may_receive(case, to, letter.address, directory):
        return letter.address
    return "" if _text(letter, "about") in FOR_ONE_ALONE else receiver_of(case, to, directory)


def _note_mail(case: Case, letter: Letter, directory: Directory) -> str:
    return mails.note_mail_at(case, _text(letter, "to"), directory)


def _reminder_mail(case: Case, letter: Letter, directory: Directory) -> str:
    return "" if case.protected else enqueue.mailbox_of(directory, _text(letter, "agency"))


def _deviation(case: Case, letter: Letter, directory: Directory) -> str:
    return notices.deviation_at(case, deviation_of(case, _number(letter)), directory)


def _deviation_answer(case: Case, letter: Letter, directory: Directory) -> str:
    return notices.answer_at(case, deviation_of(case, _number(letter)), directory)


def _number(letter: Letter) -> int:
    return int(str(letter.args.get("number", 0)))


_FINDERS: Final[Mapping[What, Find]] = {
    What.BOARD: _board,
    What.SUMMONS: _at_agency,
    What.SUMMONS_NOTICE: _at_agency,
    What.EXPIRED: _at_agency,
    What.CALENDAR_FILE: _file,
    What.ENDING: _told,
    What.NARROWED: _told,
    What.SCOPE: _told,
    What.LEAD: _told,
    What.PLAN: _told,
    What.PLAN_CHANGED: _told,
    What.ROLE: _person,
    What.RUN_SHEET: _person,
    What.NOTE: _note,
    What.NOTE_MAIL: _note_mail,
    What.REMINDER_MAIL: _reminder_mail,
    What.DEVIATION: _deviation,
    What.DEVIATION_ANSWER: _deviation_answer,
}

#: Letters that tell somebody of the house what others have done: when nobody is left to read them, nothing is lost.
UNHEARD: Final = frozenset(
    {What.NOTE, What.NOTE_MAIL, What.REMINDER_MAIL, What.DEVIATION_ANSWER, What.BOARD, What.CALENDAR_FILE}
)
