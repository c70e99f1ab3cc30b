"""What goes to calendars: an attendee's invite and its cancellation, and the neutral file for a channel (law 4D)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, time
from enum import StrEnum

from domain.attendee import Attendee
from domain.calendar.invites import Invite, Reply
from domain.case import Case
from domain.meeting import Meeting, Mode
from domain.responsibility import place_of, units_at_work, works_at
from handlers import mails
from handlers.disclosure import covers
from handlers.screens.contact import who_answers
from handlers.ui.outgoing import CalendarFile, Drop, InviteMail, Outgoing
from handlers.view import View
from storage.outbox.letter import KeptLetter, LetterState
from storage.outbox.outbox import Letter
from storage.posts import Post
from storage.transaction import Reader, Transaction

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def surface_of(case: Case, meeting: Meeting, attendee: Attendee) -> str:
    """Return the name under which is kept what an attendee has in the calendar."""
    return f"invite:{case.code}:{meeting.number}:{attendee.key}"


def calendar_file(view: View, case: Case, meeting: Meeting | None, agency: str) -> Outgoing:
    """Return one neutral calendar file for an agency's channel: no attendees, code, time and place alone."""
    if case.protected or meeting is None or not meeting.is_open or not covers(view, case, agency):
        return Drop("consent")
    invite = Invite(
        method="PUBLISH",
        uid=meeting.uid,
        sequence=meeting.sequence,
        stamp=view.now,
        start=_start(view, meeting),
        length=meeting.length,
        summary_code=case.code,
        organizer_address=view.services.mail_from or "sip@invalid.invalid",
        place=_place(meeting) or None,
        language=view.words.language,
    )
    title = view.words("calendar.file_title", code=case.code)
    return CalendarFile(invite, "mote.ics", title, beside=f"summons:{case.code}:{meeting.number}:{agency}")


def invite_mail(view: View, reader: Reader, case: Case, meeting: Meeting | None, letter: Letter) -> Outgoing:
    """Return an attendee's calendar mail as the meeting is now, or why there is to be none."""
    if meeting is None:
        return Drop("gone")
    if letter.args.get("method") == "CANCEL":
        return _cancel(view, reader, case, meeting, letter)
    if case.protected:
        return Drop("protected")
    found = next(((a, who) for a, who in meeting.invitees() if who.key == letter.args.get("attendee")), None)
    if found is None:
        return Drop("uninvited")
    agency, attendee = found
    why_not = _why_not(view, case, meeting, agency, attendee)
    if why_not:
        return Drop(why_not)
    if int(str(letter.args.get("sequence", 0))) < attendee.asked:
        # A newer mail, which asked this attendee anew, is on its way.
        return Drop("superseded")
    shown = reader.posts.get(surface_of(case, meeting, attendee))
    summons, kind = meeting.summons_of(agency), _kind(shown, attendee)
    in_chat = summons is not None and summons.is_live and bool(place_of(case, agency, view.directory))
    mail = _mail(_for(view, reader, attendee), case, meeting, attendee, kind, in_chat=in_chat)
    if not letter.args.get("anew") and shown is not None and shown.fingerprint == _fingerprint(mail, attendee):
        return Drop("already_there")
    return mail


def _why_not(view: View, case: Case, meeting: Meeting, agency: str, attendee: Attendee) -> str:
    """Return why somebody named is not to be told of the meeting now, or "" when they are."""
    if attendee.staff and not works_at(attendee.staff, agency, view.directory):
        # Who has left the agency hears no more of its meetings; it names somebody else (law 4D.9).
        return "left"
    if case.closure is not None or not meeting.is_open or meeting.start <= view.now:
        return "over"
    return "" if may_be_invited(view, case, meeting, agency, attendee) else "consent"


def may_be_invited(view: View, case: Case, meeting: Meeting, agency: str, attendee: Attendee) -> bool:
    """Say whether the consent lets this attendee hear of the meeting; a unit that acts for the case needs none."""
    if covers(view, case, agency):
        return True
    return agency in units_at_work(case) and any(host.who.key == attendee.key for host in meeting.hosts)


def _cancel(view: View, reader: Reader, case: Case, meeting: Meeting, letter: Letter) -> Outgoing:
    # Since the case became protected nobody has the meeting in a calendar, also who still comes (R109).
    asked = tuple(who for _, who in meeting.invitees()) if case.protected else ()
    attendee = next((a for a in (*meeting.uninvited, *asked) if a.key == letter.args.get("attendee")), None)
    if attendee is None:
        return Drop("gone")
    address = attendee.email.casefold()
    if not case.protected and any(who.email.casefold() == address for _, who in meeting.invitees()):
        # Named again, or by another agency too: a calendar holds the meeting once, by its UID.
        return Drop("still_invited")
    if not _has_invite(reader, case, meeting, attendee):
        return Drop("never_invited")
    still_comes = case.closure is None and meeting.is_open and any(who.email.casefold() == address for who in asked)
    kind = MailKind.TAKEN_OUT if still_comes else MailKind.CANCEL
    return _mail(_for(view, reader, attendee), case, meeting, attendee, kind)


def _has_invite(reader: Reader, case: Case, meeting: Meeting, attendee: Attendee) -> bool:
    """Say whether an invite has reached this attendee, or may have.

    Who never heard of the meeting is not to hear of it by its cancellation.
    """
    if reader.posts.get(surface_of(case, meeting, attendee)) is not None:
        return True
    asking = f"{mails.invite_keys(case, meeting, attendee)}REQUEST:"
    kept = (k for k in reader.outbox.of_case(case.code) if k.letter.key.startswith(asking))
    return any(_may_have_arrived(letter) for letter in kept)


def _may_have_arrived(kept: KeptLetter) -> bool:
    return kept.uncertain or kept.state in {LetterState.SENT, LetterState.TAKEN}


def remember(tx: Transaction, case: Case, meeting: Meeting, attendee: Attendee, mail: InviteMail) -> None:
    """Keep what an attendee now has in the calendar, or that there is nothing any more."""
    surface = surface_of(case, meeting, attendee)
    if mail.invite.method == "CANCEL":
        tx.posts.forget(surface)
        return
    tx.posts.put(Post(surface, "mail:", "", "", mail.invite.sequence, tx.now, _fingerprint(mail, attendee)))


def _fingerprint(mail: InviteMail, attendee: Attendee) -> str:
    """Return what stands in an attendee's calendar after a mail, in a few characters.

    When it was written says nothing, nor does a SEQUENCE that has risen since only because somebody else was taken off,
    nor what the attendee has answered meanwhile; and the words around the entry are not kept in a calendar.
    """
    entry = replace(mail.invite, stamp=_NO_TIME, sequence=attendee.asked, reply=Reply.NONE)
    return hashlib.sha256(repr((entry, mail.summary, mail.description)).encode()).hexdigest()[:32]


class MailKind(StrEnum):
    """What a mail tells its attendee; the name of its words."""

    REQUEST = "request"
    UPDATE = "update"  # asked anew: an earlier answer is about an earlier time
    CORRECT = "correct"  # the same time: an earlier answer holds
    CANCEL = "cancel"
    TAKEN_OUT = "taken_out"  # the entry goes, the meeting stays: calendars do not hold what is protected


def _kind(shown: Post | None, attendee: Attendee) -> MailKind:
    """Return what an invite is to somebody who has had the one shown, or none."""
    if shown is None:
        return MailKind.REQUEST
    return MailKind.UPDATE if shown.version < attendee.asked else MailKind.CORRECT


def _for(view: View, reader: Reader, attendee: Attendee) -> View:
    """Return the view in the language that the attendee's chat told; of people outside the chat none is known."""
    locale = reader.people.locale(attendee.staff) if attendee.staff else ""
    return replace(view, words=view.services.words_for(locale))


def _place(meeting: Meeting) -> str:
    """Return where people go; where nobody goes anywhere a calendar has no place to show."""
    return meeting.place if meeting.mode is Mode.IN_PERSON else ""


def _start(view: View, meeting: Meeting) -> datetime:
    return datetime.combine(meeting.day, time.fromisoformat(meeting.clock), tzinfo=view.services.rules.calendar.zone)


def _mail(
    view: View, case: Case, meeting: Meeting, attendee: Attendee, kind: MailKind, *, in_chat: bool = False
) -> InviteMail:
    # `in_chat`: the attendee's agency has the summons in its channel, where more stands.
    words, cancelled = view.words, kind in {MailKind.CANCEL, MailKind.TAKEN_OUT}
    called_off = case.closure is not None or not meeting.is_open or not meeting.live()
    entry = kind.value if cancelled else "request"
    invite = Invite(
        method="CANCEL" if cancelled else "REQUEST",
        uid=meeting.uid,
        sequence=meeting.sequence,
        stamp=view.now,
        start=_start(view, meeting),
        length=meeting.length,
        summary_code=case.code,
        organizer_address=_organizer(view, attendee),
        place=None if cancelled else (_place(meeting) or None),
        attendee_address=attendee.email,
        attendee_name=attendee.name,
        role="chair" if attendee.staff and attendee.staff == meeting.chair else "required",
        whole_event_cancelled=cancelled and called_off,
        language=words.language,
        reply=_reply_of(attendee),
    )
    params = {
        "code": case.code,
        "when": view.when(meeting),
        "place": "" if cancelled else _place(meeting),
        "name": who_answers(view, case, ""),
        "in_chat": in_chat,
    }
    return InviteMail(
        invite=invite,
        subject=words(f"invite.{kind.value}.subject", **params),
        text=words.long(f"invite_{kind.value}", **params),
        description=words(f"invite.{entry}.description", **params),
        summary=words(f"invite.{entry}.summary", **params),
        bounce_token=attendee.bounce or attendee.token,
    )


def _organizer(view: View, attendee: Attendee) -> str:
    """Return the address that this attendee's calendar answers to."""
    local, _, domain = view.services.mail_from.partition("@")
    return f"svar.{attendee.token}@{domain}" if domain else local


_REPLIES = {"accepted": Reply.ACCEPTED, "tentative": Reply.TENTATIVE, "declined": Reply.DECLINED}


def _reply_of(attendee: Attendee) -> Reply:
    """Return what the attendee has answered about the present time, so that a correction keeps it in their calendar."""
    said = attendee.response
    return Reply.NONE if said is None or said.old_time else _REPLIES.get(said.kind, Reply.NONE)
