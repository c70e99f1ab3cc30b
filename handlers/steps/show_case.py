"""`/sip visa`: where a case stands, what has happened, who has answered. Looking is written down too (law 4C)."""

from __future__ import annotations

from dataclasses import replace

from domain.case import Case
from domain.reminders.deadlines import deadlines
from domain.reminders.due import To
from domain.responsibility import may_steer, name_of
from handlers.disclosure import covers, may_hear
from handlers.receivers import receivers
from handlers.request import Request
from handlers.save import write_entry
from handlers.screens.board import attendee_words, board
from handlers.screens.matters import measures_section, own_matters, versions_section
from handlers.screens.person import taking_part_of
from handlers.screens.summons import summons_card
from handlers.screens.timeline import history, timeline
from handlers.steps.assessment import assessment_section
from handlers.ui.actions import OnePage
from handlers.ui.cards import Card, Section
from handlers.ui.responses import Response, Say
from handlers.view import View

COMING = 3


def show(request: Request, code: str) -> Response:
    """Show the case: all of it to those who act for it, their own part to the agencies."""
    case = request.case_to_see(code)
    write_entry(request.tx, case, request.entry("read.case"), case.state)
    view = request.view
    if may_steer(case, request.staff, request.directory):
        return Say(_whole(request, view, case))
    return Say(_own_part(request, view, case))


def page(request: Request, token: OnePage) -> Response:
    """Show one page of all that has happened, to those who act for the case."""
    case = request.case_to_steer(token.code)
    write_entry(request.tx, case, request.entry("read.case"), case.state)
    return Say(history(request, case, token.page))


def _whole(request: Request, view: View, case: Case) -> Card:
    words = request.words
    shown = board(view, case, leads_to_all=False)
    sections = list(shown.sections)
    sections.append(assessment_section(request, case))
    sections += [*measures_section(view, case), *versions_section(view, case)]
    sections += taking_part_of(view, case)
    coming = _coming(request, case)
    if coming:
        sections.append(Section(heading=words("show.coming"), lines=coming))
    answers = _answers(view, case)
    if answers:
        sections.append(Section(heading=words("show.answers"), lines=answers))
    sections += [*_aliases(request, case), *timeline(request, case)]
    sections += _rules(request, case)
    return Card(shown.title, shown.summary, tuple(sections), shown.buttons, words("show.footer"))


def _aliases(request: Request, case: Case) -> tuple[Section, ...]:
    """Return by which neutral names the agencies stand in mails, in calendars, and with one another (law 4D.3)."""
    words, known = request.words, request.directory.agencies
    units = dict.fromkeys((case.agency, case.responsible_agency, *case.agencies, *case.told()))
    found = [known[unit] for unit in units if unit in known]
    lines = [
        words("show.alias", agency=unit.name, alias=unit.alias) for unit in found if unit.alias not in {"", unit.name}
    ]
    return (Section(heading=words("show.aliases"), lines=tuple(lines)),) if lines else ()


def _own_alias(request: Request) -> tuple[Section, ...]:
    """Return by which neutral name somebody's own agency stands there."""
    own = request.directory.agencies.get(request.staff.agency)
    if own is None or own.alias in {"", own.name}:
        return ()
    return (Section(text=request.words("show.own_alias", alias=own.alias)),)


def _rules(request: Request, case: Case) -> list[Section]:
    """Return whose rules the case follows, where others are set for new cases; and which manual (R208)."""
    words, services = request.words, request.services
    own, lines = services.rules_of(case).profile, []
    if own.name != services.rules.profile.name:
        lines.append(words("show.profile", title=own.title))
    if case.manual:
        lines.append(words("show.manual", manual=case.manual))
    return [Section(text=line) for line in lines]


def _coming(request: Request, case: Case) -> tuple[str, ...]:
    """Return the next reminders, so that nobody wonders whether the bot has forgotten."""
    words = request.words
    dues = [
        d
        for d in deadlines(case, request.services.rules_of(case), request.now)
        if d.at > request.now and d.key not in case.fired
    ]
    lines: list[str] = []
    for due in dues:
        found = next(receivers(request.view, case, due), None)
        if len(lines) == COMING or (found is None and due.to is not To.ATTENDEES):
            continue  # one that nobody is to get as things stand is none
        # Of whoever has left, somebody else is reminded (R40).
        stands_in = To.MANAGER if due.to is To.PERSON and found is not None and not found.person else due.to
        to = name_of(due.who, request.directory) if stands_in is To.PERSON else words(f"to.{stands_in.value}")
        agency = request.agency_name(due.agency) if due.agency else ""
        lines.append(
            words("show.due", when=words.moment(due.at), what=words(f"reminder.{due.kind}.name"), to=to, agency=agency)
        )
    return tuple(lines)


def _answers(view: View, case: Case) -> tuple[str, ...]:
    """Return what came from calendars about the coming meeting, each with how far it is proven."""
    words, meeting = view.words, case.coming_meeting
    return tuple(
        words(
            "show.answer",
            when=words.moment(attendee.response.at),
            who=attendee_words(view, attendee),
            trust=words(f"trust.{attendee.response.trust.replace('+', '_')}"),
        )
        for _, attendee in (meeting.invitees() if meeting is not None else ())
        if attendee.response is not None
    )


def _own_part(request: Request, view: View, case: Case) -> Card:
    """Show an agency what was addressed to it, and nothing of what the others said (law 4C)."""
    words, meeting = request.words, case.meeting
    summons = meeting.summons_of(request.staff.agency) if meeting is not None else None
    if meeting is None or summons is None or case.closure is not None or not covers(view, case, summons.agency):
        title = words("show.own.title", code=case.code)
        text = words(f"state.{case.state.value}")
        own = (*_own_matters(request, view, case), *_own_alias(request))
        return Card(title, f"{title}. {text}", (Section(text=text), *own))
    card = summons_card(view, case, meeting, summons, request.sender.identity)
    own = (*_own_matters(request, view, case), *_own_alias(request))
    return replace(card, sections=(*card.sections, *own))


def _own_matters(request: Request, view: View, case: Case) -> tuple[Section, ...]:
    agency = request.staff.agency
    return own_matters(view, case, agency) if case.closure is None and may_hear(view, case, agency) else ()
