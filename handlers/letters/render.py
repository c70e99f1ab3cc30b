"""Composing a letter when it is sent, from the case as it is then: consent is checked here, at the disclosure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import msgspec

from domain.address import Address, Kind
from domain.audience import Occasion, hears, in_scope
from domain.case import Case, Flag, State
from domain.errors import NotFound
from domain.matters.closure import Ground
from domain.meeting import Meeting
from domain.reminders.kinds import current_key
from domain.responsibility import holder_of, may_report, may_see, name_of, works_at
from domain.summons import Standing
from handlers.disclosure import covers
from handlers.enqueue import What, board_owner
from handlers.letters import addressee, alarm, deviations, drawn, invitations, notes, plans, scope, taking_back
from handlers.screens import case_lists, reminder_list
from handlers.screens.board import board
from handlers.screens.role import over_card, role_card
from handlers.screens.run_sheet import run_sheet
from handlers.screens.stand_in import said_first
from handlers.screens.summons import notice_card, summons_card
from handlers.services import Services
from handlers.ui.actions import Action, OneEnding
from handlers.ui.cards import Button, Card, Section, Tone
from handlers.ui.outgoing import Drop, Elsewhere, Home, Later, Outgoing, PlainMail, Show, Tell, Whisper, in_language
from handlers.view import View
from storage.outbox.outbox import Letter
from storage.transaction import Reader

Args = Mapping[str, object]

# Made here and not where a letter is read: msgspec learns of a type at its first use, and a second thread that meets
# what it has learnt by half ends the process.
_CARD = msgspec.json.Decoder(Card)


def compose(services: Services, reader: Reader, letter: Letter) -> Outgoing | Elsewhere:
    """Return what to send for this letter now, where else it goes, or why nothing is to be sent any more."""
    composer = RENDERERS[What(letter.what)]
    locale = reader.people.locale(Address.parse(letter.address).identity)
    view = View(services, services.words_for(locale), reader.directory, reader.now)
    try:
        composed = in_language(composer(view, reader, letter), view.words.language)
        address = addressee.today(reader, letter)
    except NotFound:
        return Drop("gone")
    if address == letter.address:
        return composed
    if not address and What(letter.what) in addressee.UNHEARD:
        return Drop("left")
    return Elsewhere(address, composed)


def _text(args: Args, name: str) -> str:
    return str(args.get(name, ""))


def _case(reader: Reader, letter: Letter) -> Case:
    return reader.cases.get(_text(letter.args, "code"))


def _meeting(case: Case, letter: Letter) -> Meeting | None:
    return next((m for m in case.meetings if m.number == letter.args.get("meeting")), None)


def _board(view: View, reader: Reader, letter: Letter) -> Outgoing:
    case = _case(reader, letter)
    owner = _text(letter.args, "owner")
    if owner != board_owner(case, view.directory):
        return Drop("handed_over")
    card, first = board(view, case), said_first(view, [case.responsible], letter.address)
    return Show(f"board:{case.code}:{owner}", case.version, replace(card, sections=(*first, *card.sections)))


def _handed_over(view: View, reader: Reader, letter: Letter) -> Outgoing:
    case, words = _case(reader, letter), view.words
    owner = _text(letter.args, "owner")
    if owner == board_owner(case, view.directory):
        return Drop("handed_back")
    title = words("board.handed.title", code=case.code)
    if letter.args.get("absence"):
        return _passed_on(view, reader, case, owner)
    former = view.directory.staff.get(owner)
    # Who has gone elsewhere neither hears who has the case now nor is asked for what they may no longer do (law 4D.9).
    handed = owner != case.responsible and former is not None and may_see(case, former, view.directory)
    if (letter.args.get("anew") or not handed) and reader.posts.get(f"board:{case.code}:{owner}") is None:
        return Drop("never_shown")
    lead = name_of(case.responsible, view.directory)
    now = "board.handed.text" if case.lead else "board.handed.before"
    text = words(now, name=lead) if handed else words("board.left")
    if handed and _still_sends_the_plan(view, case, owner):
        text = " ".join((text, words("board.handed.plan")))
    return Show(f"board:{case.code}:{owner}", case.version, Card(title, f"{title}. {text}", (Section(text=text),)))


def _still_sends_the_plan(view: View, case: Case, who: str) -> bool:
    """Say whether somebody who has handed the case over has its first plan left to send (R194)."""
    held = case.last_held
    if held is None or case.state is not State.PLAN_DRAFT or case.plan_of(held) is not None:
        return False
    return case.plan_sender_of(held) == who and works_at(who, case.plan_sender_agency_of(held), view.directory)


def _passed_on(view: View, reader: Reader, case: Case, owner: str) -> Outgoing:
    surface, holder = f"board:{case.code}:{owner}", name_of(board_owner(case, view.directory), view.directory)
    if reader.posts.get(surface) is None:
        return Drop("never_shown")
    title, text = view.words("board.passed_on.title", code=case.code), view.words("board.passed_on.text", name=holder)
    return Show(surface, case.version, Card(title, f"{title}. {text}", (Section(text=text),)))


def _summons(view: View, reader: Reader, letter: Letter) -> Outgoing:
    case = _case(reader, letter)
    meeting, agency = _meeting(case, letter), _text(letter.args, "agency")
    summons = meeting.summons_of(agency) if meeting is not None else None
    if meeting is None or summons is None:
        return Drop("gone")
    surface = f"summons:{case.code}:{meeting.number}:{agency}"
    ended = summons.standing(meeting.round) in {Standing.RECALLED, Standing.FORWARDED} or not meeting.is_open
    if ended:
        # What was never shown needs no word that it no longer holds.
        if reader.posts.get(surface) is None:
            return Drop("recalled")
    elif summons.held_back or not covers(view, case, agency) or case.closure is not None:
        return Drop("consent")
    return Show(surface, case.version, summons_card(view, case, meeting, summons, letter.address))


def _summons_notice(view: View, reader: Reader, letter: Letter) -> Outgoing:
    case = _case(reader, letter)
    meeting, agency = _meeting(case, letter), _text(letter.args, "agency")
    surface = f"summons:{case.code}:{letter.args.get('meeting')}:{agency}"
    happened = _text(letter.args, "happened")
    if meeting is None or reader.posts.get(surface) is None:
        return Drop("never_shown")
    if happened != "recalled" and (not covers(view, case, agency) or not meeting.is_open):
        return Drop("consent")
    return Tell(notice_card(view, case, meeting, happened), beside=surface)


def _calendar_file(view: View, reader: Reader, letter: Letter) -> Outgoing:
    case = _case(reader, letter)
    return invitations.calendar_file(view, case, _meeting(case, letter), _text(letter.args, "agency"))


def _invite(view: View, reader: Reader, letter: Letter) -> Outgoing:
    case = _case(reader, letter)
    return invitations.invite_mail(view, reader, case, _meeting(case, letter), letter)


def _ending(view: View, reader: Reader, letter: Letter) -> Outgoing:
    case, agency, words = _case(reader, letter), _text(letter.args, "agency"), view.words
    notice = case.closure.notice_of(agency) if case.closure is not None else None
    if case.closure is None or notice is None:
        return Drop("gone")
    kind = "closed"
    if case.closure.ground is Ground.WITHDRAWN:
        # Those whom the consent covered hear that it is withdrawn, and never why; others only that the case is over.
        kind = "withdrawn" if hears(case, Occasion.WITHDRAWAL, agency) else "stopped"
    title, text = words(f"ending.{kind}.title", code=case.code), words(f"ending.{kind}.text")
    if Address.parse(letter.address).kind is Kind.MAILBOX:
        return PlainMail(title, f"{text}\n")
    sections = [Section(text=text)]
    buttons: tuple[Button, ...] = ()
    if notice.confirmed is None:
        token = view.seal(OneEnding(case.code, agency))
        buttons = (Button(Action.CLOSING_CONFIRM, words("ending.confirm.do"), token, Tone.PRIMARY),)
    else:
        who = name_of(notice.confirmed.by, view.directory)
        sections.append(Section(text=words("ending.confirmed", who=who, when=words.moment(notice.confirmed.at))))
    return Show(
        f"ending:{case.code}:{agency}",
        case.version,
        Card(title, f"{title}. {text}", tuple(sections), buttons),
    )


def _narrowed(view: View, reader: Reader, letter: Letter) -> Outgoing:
    case, agency, words = _case(reader, letter), _text(letter.args, "agency"), view.words
    if case.closure is not None or in_scope(case, agency):
        return Drop("covered")
    title, text = words("narrowed.title", code=case.code), words("narrowed.text")
    if Address.parse(letter.address).kind is Kind.MAILBOX:
        return PlainMail(title, f"{text}\n")
    number = case.meeting.number if case.meeting is not None else 0
    beside = f"summons:{case.code}:{number}:{agency}"
    return Tell(Card(title, f"{title}. {text}", (Section(text=text),)), beside=beside)


def _scope(view: View, reader: Reader, letter: Letter) -> Outgoing:
    again = bool(letter.args.get("again"))
    return scope.scope(view, _case(reader, letter), _text(letter.args, "agency"), letter.address, again=again)


def _expired(view: View, reader: Reader, letter: Letter) -> Outgoing:
    case, agency, words = _case(reader, letter), _text(letter.args, "agency"), view.words
    surface = f"summons:{case.code}:{letter.args.get('meeting')}:{agency}"
    if covers(view, case, agency) or not in_scope(case, agency) or case.coming_meeting is None:
        return Drop("renewed")
    if reader.posts.get(surface) is None:
        return Drop("never_shown")
    title, text = words("expired.title", code=case.code), words("expired.text")
    return Tell(Card(title, f"{title}. {text}", (Section(text=text),)), beside=surface)


def _role(view: View, reader: Reader, letter: Letter) -> Outgoing:
    case, who = _case(reader, letter), _text(letter.args, "who")
    meeting, staff = _meeting(case, letter), view.directory.staff.get(who)
    if meeting is None or staff is None:
        return Drop("gone")
    holder = _text(letter.args, "holder") or who
    surface = f"role:{case.code}:{meeting.number}:{who}" + ("" if holder == who else f"|{holder}")
    is_here = holder == holder_of(case, who, view.directory)
    card = role_card(view, case, meeting, staff) if is_here else None
    if card is None and reader.posts.get(surface) is None:
        return Drop("never_shown")
    if card is None:
        return Show(surface, case.version, over_card(view, case))
    first = said_first(view, [who], letter.address)
    return Show(surface, case.version, replace(card, sections=(*first, *card.sections)))


def _lead(view: View, reader: Reader, letter: Letter) -> Outgoing:
    case, agency, words = _case(reader, letter), _text(letter.args, "agency"), view.words
    if case.closure is not None or not (case.lead or case.lead_outside):
        return Drop("over")
    if not covers(view, case, agency):
        return Drop("consent")
    if Address.parse(letter.address).kind is Kind.MAILBOX:
        title, text = words("lead_changed.title", code=case.code), words("lead_changed.mail")
        return PlainMail(title, f"{text}\n")
    unit = view.agency_for(agency, case.responsible_agency, case)
    name = case.lead_outside or f"{name_of(case.lead, view.directory)}, {unit}"
    title, text = words("lead_changed.title", code=case.code), words("lead_changed.text", name=name)
    return Tell(Card(title, f"{title}. {text}", (Section(text=text),)))


def _plan(view: View, reader: Reader, letter: Letter) -> Outgoing:
    return plans.plan(view, _case(reader, letter), letter)


def _run_sheet(view: View, reader: Reader, letter: Letter) -> Outgoing:
    case, who = _case(reader, letter), _text(letter.args, "who")
    meeting, staff = _meeting(case, letter), view.directory.staff.get(who)
    surface = f"sheet:{case.code}:{letter.args.get('meeting')}:{who}"
    if meeting is None or staff is None:
        return Drop("gone")
    if not letter.args.get("first") and reader.posts.get(surface) is None:
        return Drop("never_shown")
    # Once the meeting is told of, who had the sheet is shown that it is over, while they may look at the case at all.
    right = may_report if meeting.is_open else may_see
    if not right(case, staff, view.directory):
        return Drop("left")
    return Show(surface, case.version, run_sheet(view, case, meeting))


def _deviation(view: View, reader: Reader, letter: Letter) -> Outgoing:
    return deviations.deviation(view, _case(reader, letter), int(str(letter.args.get("number", 0))))


def _deviation_answer(view: View, reader: Reader, letter: Letter) -> Outgoing:
    return deviations.answer(view, _case(reader, letter), int(str(letter.args.get("number", 0))))


def _note(view: View, reader: Reader, letter: Letter) -> Outgoing:
    case = _case(reader, letter)
    opens = view.services.rules_of(case).opening(view.now)
    if opens > view.now and _text(letter.args, "about") not in notes.AT_ANY_HOUR and Flag.ACUTE not in case.flags:
        return Later(opens, "hours")
    return notes.note(view, case, letter.args, letter.address)


def _note_mail(view: View, reader: Reader, letter: Letter) -> Outgoing:
    return notes.note_mail(view, _case(reader, letter), letter.args)


def _reminders(view: View, reader: Reader, letter: Letter) -> Outgoing:
    args = letter.args
    manager, anew = bool(args.get("manager")), bool(args.get("anew"))
    return reminder_list.digest(view, reader, _text(args, "address"), manager=manager, anew=anew)


def _reminder_mail(view: View, reader: Reader, letter: Letter) -> Outgoing:
    args = letter.args
    key = current_key(_text(args, "reminder") or _text(args, "nag"))
    return reminder_list.reminder_mail(view, reader, _case(reader, letter), _text(args, "agency"), key)


def _home(view: View, reader: Reader, letter: Letter) -> Outgoing:
    staff = view.directory.by_identity(_text(letter.args, "identity"))
    return Home(case_lists.home(view, reader, staff), view.now)


def _whisper(_view: View, _reader: Reader, letter: Letter) -> Outgoing:
    card = _CARD.decode(_text(letter.args, "card"))
    return Whisper(_text(letter.args, "reply_to"), _text(letter.args, "person"), card)


RENDERERS: Mapping[What, Callable[[View, Reader, Letter], Outgoing]] = {
    What.BOARD: _board,
    What.HANDED: _handed_over,
    What.SUMMONS: _summons,
    What.SUMMONS_NOTICE: _summons_notice,
    What.CALENDAR_FILE: _calendar_file,
    What.INVITE: _invite,
    What.ENDING: _ending,
    What.NARROWED: _narrowed,
    What.EXPIRED: _expired,
    What.PLAN: _plan,
    What.ROLE: _role,
    What.SCOPE: _scope,
    What.TAKE_BACK: lambda _view, reader, letter: taking_back.take_back(reader, letter),
    What.LEAD: _lead,
    What.PLAN_CHANGED: lambda view, reader, letter: plans.plan_changed(view, _case(reader, letter), letter),
    What.NOTE: _note,
    What.NOTE_MAIL: _note_mail,
    What.ALARM: alarm.compose,
    What.REMINDERS: _reminders,
    What.REMINDER_MAIL: _reminder_mail,
    What.RUN_SHEET: _run_sheet,
    What.DEVIATION: _deviation,
    What.DEVIATION_ANSWER: _deviation_answer,
    What.HOME: _home,
    What.FIGURES: lambda view, reader, letter: drawn.figures(view, reader, letter.args),
    What.WHISPER: _whisper,
}
