"""What is held, in words that no version of the program changes: what an upgrade must leave as it is.

All that reads names of the program which a migration may rename stands in this module and in `visitor.py`. When such
a name changes, the reading here changes with it; the words that come out (the keys of the dictionaries) never do,
because they stand in the `expected.json` of every version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from domain.attendee import Attendee, CalendarResponse
from domain.case import Case
from domain.consent import Consent
from domain.directory import Directory
from domain.listing import Listing
from domain.matters.closure import Closure
from domain.matters.plan import PlanSent
from domain.meeting import Meeting
from domain.reminders.deadlines import deadlines, next_due
from domain.report import Report
from domain.rules import Rules
from domain.stamp import Stamp
from domain.summons import Summons
from handlers.save import listing_of
from storage.transaction import Reader


def case_in_words(reader: Reader, code: str) -> dict[str, Any]:
    """Return all that is held on one case."""
    case = reader.cases.get(code)
    listing, due_at = reader.cases.listing(code)
    return _in_json({
        "state": case.state,
        "version": case.version,
        "profile": case.profile,
        "opened_at": case.opened_at,
        "coordinator": [case.coordinator, case.agency],
        "lead": [case.lead, case.lead_agency, case.lead_since],
        "noticed": [case.noticed_on, case.noticed_by],
        "age_band": case.age_band,
        "ongoing": case.ongoing,
        "agencies": case.agencies,
        "flags": case.flags,
        "reasons": case.reasons,
        "meeting_by": case.meeting_by,
        "record_ref": case.record_ref,
        "denial": None if case.denial is None else [case.denial.reason, _stamp(case.denial.decided)],
        "consents": [_consent(consent) for consent in case.consents],
        "meetings": [_meeting(meeting) for meeting in case.meetings],
        "plans": [_plan(sent) for sent in case.plans],
        "closure": _closure(case.closure),
        "fired": case.fired,
        "snoozes": {group: [snooze.until, snooze.reason] for group, snooze in case.snoozes.items()},
        "due_at": due_at,
        "listing": _listing(listing),
        "parties": {party.agency: [party.waiting, party.urgent_at] for party in listing.parties},
        "journal": _journal(reader, code),
        **_reminders(reader, code),
        **_letters(reader, code),
        "posts": [[post.surface, post.address, post.place, post.message] for post in reader.posts.of_case(code)],
    })  # fmt: skip


def computed(case: Case, rules: Rules, now: datetime) -> dict[str, Any]:
    """Return what is kept beside a case and follows from it: when it is next due, and what lists show of it."""
    listing = listing_of(case, rules, Directory(), now)
    return _in_json({
        "due_at": next_due(case, deadlines(case, rules, now)),
        "listing": _listing(listing),
    })  # fmt: skip


def system_in_words(reader: Reader, at: datetime) -> dict[str, Any]:
    """Return what is held beside the cases; `at` is the moment up to which the whole journal is proved."""
    anchor = reader.audit.anchor(at)
    counts = reader.outbox.counts()
    return _in_json({
        "journal": [anchor.root, anchor.chains],
        "system_journal": [row.entry.action for row in reader.journal.read("")],
        "directory": _directory(reader.directory),
        "people": {
            identity: [reader.people.locale(identity), reader.people.dm(identity)]
            for identity in reader.directory.staff
        },
        "overviews": {staff: reader.feeds.given_at(staff) for staff in reader.directory.staff},
        "outbox": [counts.waiting, counts.taken, counts.dead],
        "dead_letters": [[dead.letter.key, dead.letter.address, dead.why] for dead in reader.outbox.dead_letters(100)],
    })  # fmt: skip


def words_of(shown: object) -> str:
    """Return all words of a card, a form or an answer, one a line."""
    return "\n".join(_texts(shown))


def plain(value: object) -> Any:
    """Return a value as JSON has it; sets in order."""
    match value:
        case None | bool() | int():
            return value
        case StrEnum():
            return value.value
        case str():
            return value
        case datetime() | date():
            return value.isoformat()
        case dict():
            return {str(plain(name)): plain(part) for name, part in value.items()}
        case set() | frozenset():
            return sorted(plain(part) for part in value)
        case list() | tuple():
            return [plain(part) for part in value]
        case _:
            raise TypeError(type(value).__name__)


def _in_json(words: dict[str, object]) -> dict[str, Any]:
    found: dict[str, Any] = plain(words)
    return found


def counted(words: Iterable[str]) -> dict[str, int]:
    """Return how often each word occurs."""
    return dict(sorted(Counter(words).items()))


def _listing(listing: Listing) -> dict[str, object]:
    return {
        "state": listing.state,
        "step": listing.step,
        "owner": listing.owner,
        "urgent_at": listing.urgent_at,
        "open": listing.open,
        "protected": listing.protected,
    }


def _journal(reader: Reader, code: str) -> object:
    # That no row has changed is proved by the root over all of them (`system_in_words`).
    rows = reader.journal.read(code)
    return [len(rows), counted(row.entry.action for row in rows)]


def _reminders(reader: Reader, code: str) -> dict[str, object]:
    reminders = reader.reminders.of_case(code)
    return {
        "reminders_open": [
            [nag.key, nag.address, nag.person, nag.kind, nag.step, nag.subject, nag.fired_at, nag.snoozed_until]
            for nag in reminders
            if nag.done_at is None
        ],
        "reminders_done": counted(nag.kind for nag in reminders if nag.done_at is not None),
    }


def _letters(reader: Reader, code: str) -> dict[str, object]:
    kept = reader.outbox.of_case(code)
    settled = {"sent", "dropped"}
    return {
        "letters_settled": counted(f"{k.letter.what} {k.state} {k.why}".strip() for k in kept if k.state in settled),
        "letters_open": [
            [k.letter.key, k.letter.address, k.letter.what, k.letter.rank, k.state, k.why, k.attempts, k.uncertain]
            for k in kept
            if k.state not in settled
        ],
    }


def _stamp(stamp: Stamp | None) -> object:
    return None if stamp is None else [stamp.by, stamp.at]


def _consent(consent: Consent) -> object:
    return {
        "decision": consent.decision,
        "given_by": consent.given_by,
        "form": consent.expression,
        "recorded": [consent.recorded_by, consent.recorded_at],
        "parts": consent.parts,
        "agencies": consent.agencies,
        "topics": consent.topics,
        "valid_until": consent.valid_until,
        "extras": consent.extras,
        "child_judged": consent.child_judged,
    }


def _meeting(meeting: Meeting) -> object:
    return {
        "number": meeting.number,
        "uid": meeting.uid,
        "day": meeting.day,
        "clock": meeting.clock,
        "start": meeting.start,
        "end": meeting.end,
        "length": meeting.length,
        "mode": meeting.mode,
        "place": meeting.place,
        "link": meeting.link,
        "purpose": meeting.purpose,
        "chair": meeting.chair,
        "secretary": meeting.secretary,
        "called": [meeting.called_on, _stamp(meeting.called)],
        "moved": _stamp(meeting.moved),
        "round": meeting.round,
        "sequence": meeting.sequence,
        "uninvited": [_attendee(attendee) for attendee in meeting.uninvited],
        "summonses": {summons.agency: _summons(summons, meeting) for summons in meeting.summonses},
        "report": _report(meeting.report),
    }


def _summons(summons: Summons, meeting: Meeting) -> object:
    proposal, naming = summons.proposal, summons.naming
    return {
        "standing": summons.standing(meeting.round),
        "obliged": summons.obliged,
        "told": summons.told,
        "sent_at": summons.sent_at,
        "received": _stamp(summons.received),
        "answered": [_stamp(summons.answered), summons.answer_round, summons.revision],
        "wish": None if naming is None else naming.wish,
        "named_for": None if naming is None else naming.round,
        "named": [_attendee(attendee) for attendee in summons.named()],
        "proposal": None if proposal is None else [proposal.day, proposal.start],
        "decline": None if summons.decline is None else summons.decline.reason,
        "forward": [None if summons.forward is None else summons.forward.agency, summons.forwarded_from],
    }


def _attendee(attendee: Attendee) -> object:
    said = attendee.response
    return {
        "name": attendee.name,
        "title": attendee.title,
        "email": attendee.email,
        "staff": attendee.staff,
        "key": attendee.key,
        "token": attendee.token,
        "undelivered": attendee.undelivered,
        "asked": [attendee.asked, attendee.confirmed_at],
        "calendar": None if said is None else _calendar(said),
    }


def _calendar(said: CalendarResponse) -> object:
    return [said.kind, said.sequence, said.stamp, said.at, said.trust, said.old_time]


def _report(told: Report | None) -> object:
    if told is None:
        return None
    return {
        "outcome": told.outcome,
        "attended": told.attended,
        "lead": [told.lead, told.no_lead],
        "follow_up": [told.follow_up_on, told.follow_up_place, told.no_follow_up],
        "need_remains": told.need_remains,
        "recorded": _stamp(told.recorded),
        "completed": _stamp(told.completed),
    }


def _plan(sent: PlanSent) -> object:
    return {
        "version": sent.version,
        "meeting": sent.meeting,
        "responsible": sent.responsible,
        "recipients": sent.recipients,
        "channel": sent.channel,
        "sent_on": sent.sent_on,
        "recorded": _stamp(sent.recorded),
    }


def _closure(closure: Closure | None) -> object:
    if closure is None:
        return None
    return {
        "ground": closure.ground,
        "closed": _stamp(closure.closed),
        "notices": {n.agency: [n.delivered_at, _stamp(n.confirmed)] for n in closure.notices},
    }


def _directory(directory: Directory) -> object:
    return {
        "agencies": {
            agency.id: [
                agency.name,
                agency.alias,
                agency.kind,
                agency.principal,
                agency.email,
                next((address.target for address in agency.addresses), ""),
            ]
            for agency in directory.agencies.values()
        },
        "staff": {
            person.id: [person.agency, person.name, person.title, person.email, person.coordinator, person.identities]
            for person in directory.staff.values()
        },
    }


def _texts(part: object) -> Iterable[str]:
    if isinstance(part, str):
        yield part
    elif is_dataclass(part):
        for known in fields(part):
            if known.name not in {"token", "name"}:
                yield from _texts(getattr(part, known.name))
    elif isinstance(part, tuple | list):
        for item in part:
            yield from _texts(item)
