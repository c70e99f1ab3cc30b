"""Composing a letter when it is sent, from the case as it is then: consent is checked here, at the disclosure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from domain.case import Case, Ground
from domain.errors import NotFound
from domain.meeting import Meeting, Standing
from domain.responsibility import name_of
from handlers.disclosure import covers, may_hear
from handlers.enqueue import What
from handlers.letters import invitations, notes
from handlers.screens import case_lists, reminder_list
from handlers.screens.board import board
from handlers.screens.summons import notice_card, summons_card
from handlers.services import Office
from handlers.ui.cards import Button, Card, Fact, Section, Tone
from handlers.ui.outgoing import Composed, Drop, Home, PlainMail, Show, Tell, Whisper
from handlers.view import Look
from storage.outbox.outbox import Letter
from storage.transaction import Reader

Args = Mapping[str, object]


def compose(office: Office, reader: Reader, letter: Letter) -> Composed:
    """Return what to send for this letter now, or why nothing is to be sent any more."""
    composer = COMPOSERS[What(letter.what)]
    locale = reader.people.locale(_identity_of(letter.address))
    look = Look(office, office.words_for(locale), reader.directory, reader.now)
    try:
        return composer(look, reader, letter)
    except NotFound:
        return Drop("gone")


def _identity_of(address: str) -> str:
    platform, kind, who = (*address.split(":", 2), "", "")[:3]
    return f"{platform}:{who}" if kind == "person" else ""


def _text(args: Args, name: str) -> str:
    return str(args.get(name, ""))


def _case(reader: Reader, letter: Letter) -> Case:
    return reader.cases.get(_text(letter.args, "code"))


def _meeting(case: Case, letter: Letter) -> Meeting | None:
    return next((m for m in case.meetings if m.number == letter.args.get("meeting")), None)


def _board(look: Look, reader: Reader, letter: Letter) -> Composed:
    case = _case(reader, letter)
    owner = _text(letter.args, "owner")
    if owner != case.responsible:
        return Drop("handed_over")
    return Show(f"board:{case.code}:{owner}", case.version, board(look, case))


def _handed_over(look: Look, reader: Reader, letter: Letter) -> Composed:
    case, words = _case(reader, letter), look.words
    owner = _text(letter.args, "owner")
    if owner == case.responsible:
        return Drop("handed_back")
    title = words("board.handed.title", code=case.code)
    text = words("board.handed.text", name=name_of(case.responsible, look.directory))
    return Show(f"board:{case.code}:{owner}", case.version, Card(title, f"{title}. {text}", (Section(text=text),)))


def _summons(look: Look, reader: Reader, letter: Letter) -> Composed:
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
    elif summons.held_back or not covers(look, case, agency) or case.closure is not None:
        return Drop("consent")
    return Show(surface, case.version, summons_card(look, case, meeting, summons))


def _summons_notice(look: Look, reader: Reader, letter: Letter) -> Composed:
    case = _case(reader, letter)
    meeting, agency = _meeting(case, letter), _text(letter.args, "agency")
    surface = f"summons:{case.code}:{letter.args.get('meeting')}:{agency}"
    happened = _text(letter.args, "happened")
    if meeting is None or reader.posts.get(surface) is None:
        return Drop("never_shown")
    if happened == "moved" and (not covers(look, case, agency) or not meeting.is_open):
        return Drop("consent")
    return Tell(notice_card(look, case, meeting, happened), beside=surface)


def _calendar_file(look: Look, reader: Reader, letter: Letter) -> Composed:
    case = _case(reader, letter)
    return invitations.calendar_file(look, case, _meeting(case, letter), _text(letter.args, "agency"))


def _invite(look: Look, reader: Reader, letter: Letter) -> Composed:
    case = _case(reader, letter)
    return invitations.invite_mail(look, reader, case, _meeting(case, letter), letter)


def _ending(look: Look, reader: Reader, letter: Letter) -> Composed:
    case, agency, words = _case(reader, letter), _text(letter.args, "agency"), look.words
    notice = case.closure.notice_of(agency) if case.closure is not None else None
    if case.closure is None or notice is None:
        return Drop("gone")
    # The reason is not told: that consent was withdrawn is the person's own matter (R77).
    kind = "stopped" if case.closure.ground is Ground.WITHDRAWN else "closed"
    title, text = words(f"ending.{kind}.title", code=case.code), words(f"ending.{kind}.text")
    if letter.address.startswith("mail:"):
        return PlainMail(title, f"{text}\n")
    sections = [Section(text=text)]
    buttons: tuple[Button, ...] = ()
    if notice.confirmed is None:
        token = look.seal(c=case.code, a=agency)
        buttons = (Button("closing.confirm", words("ending.confirm.do"), token, Tone.PRIMARY),)
    else:
        who = name_of(notice.confirmed.by, look.directory)
        sections.append(Section(text=words("ending.confirmed", who=who, when=words.moment(notice.confirmed.at))))
    return Show(
        f"ending:{case.code}:{agency}",
        case.version,
        Card(title, f"{title}. {text}", tuple(sections), buttons),
    )


def _plan(look: Look, reader: Reader, letter: Letter) -> Composed:
    case, agency, words = _case(reader, letter), _text(letter.args, "agency"), look.words
    plan = next((p for p in case.plans if p.version == letter.args.get("version")), None)
    if plan is None or case.closure is not None or not may_hear(look, case, agency):
        return Drop("consent")
    title = words("plan.notice.title", code=case.code, version=plan.version)
    text = words("plan.notice.text")
    facts = [
        Fact(words("fact.sent_on"), words.day(plan.sent_on)),
        Fact(words("fact.sent_how"), words(f"channel.{plan.channel.value}")),
        Fact(words("fact.responsible"), name_of(case.responsible, look.directory)),
    ]
    held = case.last_held
    if held is not None and held.protocol is not None and held.protocol.follow_up_on is not None:
        facts.append(Fact(words("fact.follow_up"), words.day(held.protocol.follow_up_on)))
    token = look.seal(c=case.code, v=plan.version, a=agency)
    button = Button("plan.received", words("plan.received.do"), token, Tone.PRIMARY)
    return Tell(Card(title, f"{title}. {text}", (Section(text=text, facts=tuple(facts)),), (button,)))


def _note(look: Look, reader: Reader, letter: Letter) -> Composed:
    return notes.note(look, _case(reader, letter), letter.args)


def _note_mail(look: Look, reader: Reader, letter: Letter) -> Composed:
    return notes.note_mail(look, _case(reader, letter), letter.args)


def _nags(look: Look, reader: Reader, letter: Letter) -> Composed:
    return reminder_list.digest(look, reader, _text(letter.args, "address"), anew=bool(letter.args.get("anew")))


def _nag_mail(look: Look, reader: Reader, letter: Letter) -> Composed:
    args = letter.args
    return reminder_list.nag_mail(look, _case(reader, letter), _text(args, "agency"), _text(args, "nag"))


def _home(look: Look, reader: Reader, letter: Letter) -> Composed:
    staff = look.directory.by_identity(_text(letter.args, "identity"))
    return Home(case_lists.home(look, reader, staff))


def _whisper(_look: Look, _reader: Reader, letter: Letter) -> Composed:
    card = msgspec.json.decode(_text(letter.args, "card"), type=Card)
    return Whisper(_text(letter.args, "reply_to"), _text(letter.args, "person"), card)


COMPOSERS: Mapping[What, Callable[[Look, Reader, Letter], Composed]] = {
    What.BOARD: _board,
    What.HANDED: _handed_over,
    What.SUMMONS: _summons,
    What.SUMMONS_NOTICE: _summons_notice,
    What.CALENDAR_FILE: _calendar_file,
    What.INVITE: _invite,
    What.ENDING: _ending,
    What.PLAN: _plan,
    What.NOTE: _note,
    What.NOTE_MAIL: _note_mail,
    What.NAGS: _nags,
    What.NAG_MAIL: _nag_mail,
    What.HOME: _home,
    What.WHISPER: _whisper,
}
