"""An agency tells who comes (R51, R122, R127, R128): people of the chat, and others by a line of text."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from domain.attendee import Attendee, Naming, Wish
from domain.case import Case
from domain.errors import Invalid
from domain.meeting import Meeting
from domain.problem import Problem
from domain.steps import answer_summons
from domain.steps.answer_summons import Asked
from domain.text.free_text import Forbidden, find_forbidden
from domain.text.people_lines import parse_people
from handlers import mails
from handlers.request import Request
from handlers.steps import invites
from handlers.steps.summons.answering import covered, form, keep_answer, note
from handlers.ui.actions import Action
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import choices, tick
from handlers.ui.responses import Response
from storage.outbox.outbox import Letter

FORM: Final = Action.SUMMONS_NAME
LONGEST_LINES = 2000


def name_form(request: Request, asked: Asked) -> Form:
    """Return the form, filled with those who are named already."""
    words, before = request.words, _named_before(asked)
    parts: tuple[Field | Note, ...] = (
        Note(words("summons.name.intro", code=asked.case.code)),
        Field(
            "attendees",
            FieldKind.USERS,
            words("summons.name.attendees"),
            hint=words("summons.name.attendees.hint"),
            initial=tuple(a.staff for a in before if a.staff),
        ),
        Field(
            "others",
            FieldKind.LINES,
            words("summons.name.others"),
            hint=words("summons.name.others.hint"),
            # A line that is left as it is keeps the address, so that no address need be shown again in chat.
            initial="\n".join(_line(a) for a in before if not a.staff) or None,
            max_length=LONGEST_LINES,
        ),
        tick(words, "mandate", "summons.name.mandate", required=False),
        Field(
            "without_mandate",
            FieldKind.USERS,
            words("summons.name.without_mandate"),
            initial=tuple(a.staff for a in before if a.staff and a.mandate is False),
        ),
        Field("wish", FieldKind.SELECT, words("summons.name.wish"), options=choices(words, "wish", Wish)),
    )
    return form(request, FORM, asked, parts)


def _named_before(asked: Asked) -> tuple[Attendee, ...]:
    return asked.summons.naming.attendees if asked.summons.naming is not None else ()


def _line(attendee: Attendee) -> str:
    return f"{attendee.name}, {attendee.title}" if attendee.title else attendee.name


def take_names(request: Request, asked: Asked, values: FormData) -> Response:
    """Take who comes. They are invited at once, or held back until the consent covers the agency (R62, R75)."""
    attendees = attendees_of_form(request, asked, values)
    wish = values.one("wish", Wish)
    without = _without_mandate(request, attendees, values)
    attendees = tuple(_with_mandate(person, without, values) for person in attendees)
    if values.problems:
        return request.mend(values.problems)
    after = answer_summons.name_attendees(asked, Naming(attendees, wish), request.stamp)
    is_covered = covered(request, asked.case, asked.summons.agency)
    letters = letters_of_names(request, asked, after, wish, is_covered=is_covered)
    details: dict[str, str | int] = {
        "meeting": asked.meeting.number,
        "attendees": len(attendees),
        "wish": wish.value if wish is not None else "",
    }
    keep_answer(request, asked, after, request.entry("summons.named", details), letters)
    names = request.words.listing([a.name for a in attendees])
    return request.say("answer.named" if is_covered else "answer.named_held", names=names, code=after.code)


def _without_mandate(request: Request, attendees: tuple[Attendee, ...], values: FormData) -> frozenset[str]:
    """Return the staff ids of those who cannot decide, of those who come; anybody else is a mistake."""
    found = {identity: request.directory.by_identity(identity) for identity in values.identities("without_mandate")}
    coming = {person.staff for person in attendees if person.staff}
    if any(staff is None or staff.id not in coming for staff in found.values()):
        values.problems.append(Problem("without_mandate", "summons.name.not_among"))
    return frozenset(staff.id for staff in found.values() if staff is not None)


def _with_mandate(person: Attendee, without: frozenset[str], values: FormData) -> Attendee:
    """Return who comes with what was said of their mandate: yes, no, or nothing, as far as it is known (R51)."""
    if person.staff and person.staff in without:
        return replace(person, mandate=False)
    return replace(person, mandate=True if values.ticked("mandate") else None)


def letters_of_names(
    request: Request, asked: Asked, after: Case, wish: Wish | None, *, is_covered: bool
) -> list[Letter]:
    """Return the invites and the words that follow from names, or a word that the consent does not reach so far."""
    meeting, agency = after.meetings[-1], asked.summons.agency
    letters = []
    if is_covered:
        letters.append(mails.calendar_file(after, meeting, agency, request.directory, request.now))
        letters += invites.invited(request, after, meeting, agency, _not_invited_yet(asked, meeting))
    else:
        letters.append(note(request, after, "note.names_held", agency))
    if wish is Wish.NOT_MET:
        letters.append(note(request, after, "note.wish_not_met", agency))
    return letters


def _not_invited_yet(asked: Asked, meeting: Meeting) -> tuple[Attendee, ...]:
    """Return those who had no invite, or have said no to it. Of a move the others were told when it was made."""
    named = meeting.summons_of(asked.summons.agency)
    if named is None or named.naming is None:
        return ()
    before = _named_before(asked) if asked.summons.decline is None else ()
    known = {a.key for a in before if not a.stays_away}
    return tuple(a for a in named.naming.attendees if a.key not in known)


def attendees_of_form(request: Request, asked: Asked, values: FormData) -> tuple[Attendee, ...]:
    """Return those named in a form; who was named before, or was taken off, keeps the key and the calendar address."""
    before = _named_before(asked)
    people = [*_picked(request, asked, values), *_typed(request, values, before)]
    unique = {_mark_of(person): person for person in people}
    if not unique and not values.problems:
        values.problems.append(Problem("attendees", "summons.name.nobody"))
    hosts = (host.who for host in asked.meeting.hosts)
    known = {_mark_of(person): person for person in (*asked.meeting.uninvited, *hosts, *before)}
    return tuple(_known_again(request, person, known.get(mark)) for mark, person in unique.items())


def _mark_of(person: Attendee) -> str:
    """Return what tells people apart: the address, or for staff without one who they are."""
    return person.email.casefold() or person.staff


def _picked(request: Request, asked: Asked, values: FormData) -> list[Attendee]:
    people = []
    for identity in values.identities("attendees"):
        staff = request.directory.by_identity(identity)
        if staff is None:
            values.problems.append(Problem("attendees", "summons.name.not_in_directory"))
        elif staff.agency != asked.summons.agency:
            values.problems.append(Problem("attendees", "summons.name.other_agency", {"name": staff.name}))
        else:
            people.append(Attendee("", "", staff.name, staff.title, staff.email, staff.id))
    return people


def _typed(request: Request, values: FormData, before: tuple[Attendee, ...]) -> list[Attendee]:
    text = values.raw("others", longest=LONGEST_LINES)
    if not text:
        return []
    try:
        lines = parse_people(_with_known_addresses(text, before))
    except Invalid as wrong:
        values.problems.append(Problem("others", wrong.key, wrong.params))
        return []
    for line in lines:
        if any(finding.kind is not Forbidden.EMAIL for finding in find_forbidden(line.email)):
            values.problems.append(Problem("others", "field.forbidden.personal_number"))
        if not request.services.may_mail(line.email):
            named = ", ".join(request.services.mail_domains)
            values.problems.append(Problem("others", "summons.name.mail_domain", {"domains": named}))
    return [Attendee("", "", line.name, line.title, line.email) for line in lines]


def _with_known_addresses(text: str, before: tuple[Attendee, ...]) -> str:
    """Put the address back to the lines that stand as the form had them."""
    known = {_line(a): a.email for a in before if not a.staff}
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(f"{line}, {known[line]}" if line in known else line for line in lines)


def _known_again(request: Request, person: Attendee, before: Attendee | None) -> Attendee:
    if before is not None:
        return replace(before, name=person.name, title=person.title, staff=person.staff)
    ids = request.services.ids
    return replace(person, key=ids.token(), token=ids.token(), bounce=ids.token())
