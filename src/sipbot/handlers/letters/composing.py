"""Composing a letter at the moment it is sent, from the case as it is then: consent is checked here, at the disclosure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time

import msgspec

from sipbot.domain.case import Case, Ground
from sipbot.domain.errors import NotFound
from sipbot.domain.invites import Invite, Reply
from sipbot.domain.meeting import Attendee, Meeting, Standing
from sipbot.domain.responsibility import name_of
from sipbot.handlers import homes, nagging
from sipbot.handlers.boards import Look, board
from sipbot.handlers.cards import Button, Card, Fact, Section, Tone
from sipbot.handlers.composed import (
    CalendarFile,
    Composed,
    Drop,
    Home,
    InviteMail,
    PlainMail,
    Show,
    Tell,
    Whisper,
)
from sipbot.handlers.letters.summonses import notice_card, summons_card
from sipbot.handlers.letters.writing import What
from sipbot.handlers.office import Office
from sipbot.storage.outbox import Letter
from sipbot.storage.transaction import Reader

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


def _covers(look: Look, case: Case, agency: str) -> bool:
    today = look.office.rules.calendar.local_date(look.now)
    return case.consent is not None and case.consent.allows_exchange(agency, today)


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
    elif not _covers(look, case, agency) or case.closure is not None:
        return Drop("consent")
    return Show(surface, case.version, summons_card(look, case, meeting, summons))


def _summons_notice(look: Look, reader: Reader, letter: Letter) -> Composed:
    case = _case(reader, letter)
    meeting, agency = _meeting(case, letter), _text(letter.args, "agency")
    surface = f"summons:{case.code}:{letter.args.get('meeting')}:{agency}"
    happened = _text(letter.args, "happened")
    if meeting is None or reader.posts.get(surface) is None:
        return Drop("never_shown")
    if happened == "moved" and (not _covers(look, case, agency) or not meeting.is_open):
        return Drop("consent")
    return Tell(notice_card(look, case, meeting, happened), beside=surface)


def _start(look: Look, meeting: Meeting) -> datetime:
    return datetime.combine(meeting.day, time.fromisoformat(meeting.clock), tzinfo=look.office.rules.calendar.zone)


def _calendar_file(look: Look, reader: Reader, letter: Letter) -> Composed:
    case = _case(reader, letter)
    meeting, agency = _meeting(case, letter), _text(letter.args, "agency")
    if case.protected or meeting is None or not meeting.is_open or not _covers(look, case, agency):
        return Drop("consent")
    invite = Invite(
        method="PUBLISH",
        uid=meeting.uid,
        sequence=meeting.sequence,
        stamp=look.now,
        start=_start(look, meeting),
        minutes=meeting.minutes,
        summary_code=case.code,
        organizer_address=look.office.mail_from or "sip@invalid.invalid",
        place=meeting.place or None,
        language=look.words.language,
    )
    title = look.words("calendar.file_title", code=case.code)
    return CalendarFile(invite, "mote.ics", title, beside=f"summons:{case.code}:{meeting.number}:{agency}")


def _invite(look: Look, reader: Reader, letter: Letter) -> Composed:
    case = _case(reader, letter)
    meeting = _meeting(case, letter)
    if meeting is None or case.protected:
        return Drop("protected")
    if letter.args.get("method") == "CANCEL":
        return _cancel(look, case, meeting, letter)
    found = next(((a, who) for a, who in meeting.attendees() if who.key == letter.args.get("attendee")), None)
    if found is None:
        return Drop("uninvited")
    agency, attendee = found
    if case.closure is not None or not meeting.is_open or meeting.start <= look.now:
        return Drop("over")
    if not _covers(look, case, agency):
        return Drop("consent")
    if meeting.sequence != letter.args.get("sequence") and _later_invite_waits(meeting, letter):
        return Drop("superseded")
    return _invite_mail(look, case, meeting, attendee, "REQUEST", whole=False)


def _later_invite_waits(meeting: Meeting, letter: Letter) -> bool:
    """A meeting that moved again has a newer mail of its own on the way to everybody."""
    return int(str(letter.args.get("sequence", 0))) < meeting.sequence


def _cancel(look: Look, case: Case, meeting: Meeting, letter: Letter) -> Composed:
    attendee = next((a for a in meeting.uninvited if a.key == letter.args.get("attendee")), None)
    if attendee is None:
        return Drop("gone")
    if any(who.key == attendee.key for _, who in meeting.attendees()):
        return Drop("invited_again")
    whole = case.closure is not None or not meeting.is_open or not meeting.live()
    return _invite_mail(look, case, meeting, attendee, "CANCEL", whole=whole)


def _invite_mail(look: Look, case: Case, meeting: Meeting, attendee: Attendee, method: str, *, whole: bool) -> Composed:
    words, cancelled = look.words, method == "CANCEL"
    local, _, domain = look.office.mail_from.partition("@")
    organizer = f"svar.{attendee.token}@{domain}" if domain else local
    invite = Invite(
        method="CANCEL" if cancelled else "REQUEST",
        uid=meeting.uid,
        sequence=meeting.sequence,
        stamp=look.now,
        start=_start(look, meeting),
        minutes=meeting.minutes,
        summary_code=case.code,
        organizer_address=organizer,
        place=None if cancelled else (meeting.place or None),
        attendee_address=attendee.email,
        attendee_name=attendee.name,
        role="chair" if attendee.staff and attendee.staff == meeting.chair else "required",
        whole_event_cancelled=cancelled and whole,
        language=words.language,
        reply=_reply_of(attendee),
    )
    kind = "cancel" if cancelled else ("update" if meeting.round > 1 else "request")
    params = {
        "code": case.code,
        "when": words(
            "when.meeting",
            day=words.day(meeting.day),
            clock=words.clock(meeting.clock),
            minutes=meeting.minutes,
        ),
        "place": "" if cancelled else meeting.place,
        "name": name_of(case.responsible, look.directory),
    }
    return InviteMail(
        invite=invite,
        subject=words(f"invite.{kind}.subject", **params),
        text=words.long(f"invite_{kind}", **params),
        description=words(f"invite.{kind}.description", **params),
        summary=words(f"invite.{kind}.summary", **params),
        bounce_token=attendee.token,
    )


def _reply_of(attendee: Attendee) -> Reply:
    kinds = {"accepted": Reply.ACCEPTED, "tentative": Reply.TENTATIVE, "declined": Reply.DECLINED}
    return kinds.get(attendee.response.kind, Reply.NONE) if attendee.response is not None else Reply.NONE


def _ending(look: Look, reader: Reader, letter: Letter) -> Composed:
    case, agency, words = _case(reader, letter), _text(letter.args, "agency"), look.words
    notice = case.closure.notice_of(agency) if case.closure is not None else None
    if case.closure is None or notice is None:
        return Drop("gone")
    # The reason is not told: that consent was withdrawn is the person's own matter (R77).
    kind = "stopped" if case.closure.ground is Ground.WITHDRAWN else "closed"
    title, text = words(f"ending.{kind}.title", code=case.code), words(f"ending.{kind}.text")
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
    if plan is None or case.closure is not None or not _covers(look, case, agency):
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


def _note_words(look: Look, case: Case, args: Args) -> tuple[str, str]:
    words, about = look.words, _text(args, "about")
    params: dict[str, object] = {
        "code": case.code,
        "agency": look.agency(_text(args, "agency")),
        "target": look.agency(_text(args, "target")),
    }
    if args.get("reason"):
        params["reason"] = words(f"decline_reason.{_text(args, 'reason')}")
    if args.get("day"):
        params["when"] = words(
            "when.short",
            day=words.short_day(date.fromisoformat(_text(args, "day"))),
            clock=words.clock(_text(args, "clock")),
        )
    if args.get("letter"):
        params["letter"] = words(f"letter.{_text(args, 'letter')}")
    if args.get("name"):
        params["name"] = _text(args, "name")
    return words(f"{about}.title", **params), words(f"{about}.text", **params)


def _note(look: Look, reader: Reader, letter: Letter) -> Composed:
    case, words, args = _case(reader, letter), look.words, letter.args
    title, text = _note_words(look, case, args)
    buttons = []
    if args.get("about") == "note.proposed" and case.coming_meeting is not None:
        token = look.seal(c=case.code, s="move", d=_text(args, "day"), t=_text(args, "clock"))
        buttons.append(Button("case.step", words("note.proposed.do"), token, Tone.PRIMARY))
    elif args.get("about") in {"note.forwarded_held", "note.names_held"}:
        buttons.append(Button("case.step", words("step.widen.do"), look.seal(c=case.code, s="consent"), Tone.PRIMARY))
    return Tell(Card(title, f"{title}. {text}", (Section(text=text),), tuple(buttons)))


def _note_mail(look: Look, reader: Reader, letter: Letter) -> Composed:
    title, text = _note_words(look, _case(reader, letter), letter.args)
    return PlainMail(title, f"{text}\n")


def _nags(look: Look, reader: Reader, letter: Letter) -> Composed:
    return nagging.digest(look, reader, _text(letter.args, "address"), anew=bool(letter.args.get("anew")))


def _nag_mail(look: Look, reader: Reader, letter: Letter) -> Composed:
    case, args = _case(reader, letter), letter.args
    if _text(args, "nag") not in case.fired:
        return Drop("done")
    words = look.words
    text = words(_text(args, "text"), code=case.code, agency=look.agency(_text(args, "agency")))
    return PlainMail(words("nag.mail.subject", code=case.code), f"{text}\n")


def _home(look: Look, reader: Reader, letter: Letter) -> Composed:
    staff = look.directory.by_identity(_text(letter.args, "identity"))
    return Home(homes.home(look, reader, staff))


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
