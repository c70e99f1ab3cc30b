"""`/sip märk`: acute, protected, interpreter, the person's own last day, at any time (R89, R91, R105, R109)."""

from __future__ import annotations

from domain.case import Case, Flag
from domain.matters.need import WishReason
from domain.responsibility import place_of
from domain.steps.mark_case import Marking, mark_case, problems_of_marking, require_markable
from handlers import enqueue, mails, notices
from handlers.letters import taking_back
from handlers.request import Request
from handlers.save import settle_reminders
from handlers.steps import invites
from handlers.steps.hosts import cards_of_the_meeting
from handlers.ui.actions import CaseForm
from handlers.ui.branches import Branches, answered, branched, not_chosen, unanswered
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import begun, choices, tick
from handlers.ui.responses import Ask, Response
from storage.outbox.letter import Letter

FORM = "case.mark"

#: A wish on the day has its reason (R198), unless the wish is lifted; protection is not taken off in haste.
BRANCHES: Branches = {
    "certain": (not_chosen("flags", Flag.PROTECTED),),
    "meeting_by": (unanswered("lifted"),),
    "reason": (answered("meeting_by"),),
}


def ask(request: Request, code: str) -> Response:
    """Open the form, filled with the marks as they are."""
    return Ask(form(request, code))


def form(request: Request, code: str) -> Form:
    """Return the form `case.mark`."""
    case = request.case_to_steer(code)
    require_markable(case)
    words = request.words
    parts: list[Field | Note] = [
        Note(words("mark.intro", code=code)),
        Field(
            "flags",
            FieldKind.CHECKBOXES,
            words("mark.flags"),
            options=choices(words, "flag", Flag),
            initial=begun(Flag, case.flags),
        ),
    ]
    if case.protected:
        parts.append(tick(words, "certain", "mark.certain"))
    if case.last_held is None:
        parts += _wish_fields(request, case)
    token = request.seal(CaseForm(FORM, code))
    title = words("mark.form_title")
    return Form(FORM, title, words("form.save"), words("form.cancel"), token, branched(parts, BRANCHES))


def _wish_fields(request: Request, case: Case) -> tuple[Field, ...]:
    words, day, reason = request.words, case.meeting_by, case.meeting_by_reason
    return (
        # A day that is filled in cannot be emptied everywhere, so lifting the wish has a box of its own.
        *(() if day is None else (tick(words, "lifted", "mark.lifted", required=False),)),
        Field(
            "meeting_by",
            FieldKind.DATE,
            words("open.meeting_by"),
            hint=words("mark.meeting_by.hint"),
            initial=None if day is None else day.isoformat(),
        ),
        Field(
            "reason",
            FieldKind.SELECT,
            words("mark.reason"),
            required=True,
            options=choices(words, "wish_reason", WishReason),
            initial=None if reason is None else reason.value,
        ),
    )


def submit(request: Request, token: CaseForm, values: FormData) -> Response:
    """Keep the marks; what follows from them happens at once."""
    case = request.case_to_steer(token.code)
    require_markable(case)
    marking = _read(case, values)
    if values.problems:
        return request.mend(values.problems)
    problems = problems_of_marking(case, marking, request.today)
    if problems:
        return request.mend(problems)
    after = mark_case(case, marking, request.stamp)
    if after == case:
        return request.say("mark.same", code=case.code)
    details: dict[str, str | int] = {"flags": " ".join(sorted(after.flags))}
    if after.meeting_by is not None and after.meeting_by_reason is not None:
        details |= {"meeting_by": after.meeting_by.isoformat(), "reason": after.meeting_by_reason.value}
    letters: list[Letter] = []
    if after.protected and not case.protected:
        letters = _hidden(request, after)
    elif case.protected and not after.protected:
        letters = _shown_again(request, after)
    elif after.flags != case.flags:
        letters = cards_of_the_meeting(request, after)
    entries = [request.entry("case.marked", details)]
    left = taking_back.tell_of_damaged(request.tx, case) if after.protected and not case.protected else 0
    if left:
        entries.append(request.entry("messages.left_behind", {"messages": left}))
    saved = request.save(case, after, entries, letters)
    if not after.protected or case.protected:
        return request.say("mark.done", code=saved.code)
    _settle_in_channels(request, saved)
    return request.say("mark.done_protected_but" if left else "mark.done_protected", code=saved.code, count=left)


def _read(case: Case, values: FormData) -> Marking:
    flags, certain = values.some("flags", Flag), values.ticked("certain")
    if case.last_held is not None:
        return Marking(flags, case.meeting_by, case.meeting_by_reason or WishReason.OTHER, certain)
    if values.ticked("lifted"):
        return Marking(flags, certain=certain)
    return Marking(flags, values.day("meeting_by"), values.one("reason", WishReason), certain)


def _hidden(request: Request, case: Case) -> list[Letter]:
    """Take out of channels and calendars what stands there; each summons goes to one named person (law 4D.4)."""
    meeting, letters = case.coming_meeting, cards_of_the_meeting(request, case)
    live = () if meeting is None else meeting.live()
    moved = [
        f"summons:{case.code}:{meeting.number}:{s.agency}"
        for s in live
        if meeting is not None and place_of(case, s.agency, request.directory)
    ]
    for deviation in case.deviations:
        told = notices.deviation(case, deviation, request.directory, request.now)
        if deviation.answer is None and told.address:
            letters.append(told)
            moved.append(f"deviation:{case.code}:{deviation.number}")
    letters += taking_back.from_channels(request.tx, case, but=moved)
    if meeting is not None and request.services.mail_from:
        letters += [
            mails.invite(case, meeting, agency, who, "CANCEL", request.now)
            for agency, who in meeting.invitees()
            if who.email
        ]
    return letters


def _shown_again(request: Request, case: Case) -> list[Letter]:
    meeting = case.coming_meeting
    return [] if meeting is None else [*cards_of_the_meeting(request, case), *invites.updated(request, case, meeting)]


def _settle_in_channels(request: Request, case: Case) -> None:
    """Take the case out of the lists of reminders of channels and managers, and of whoever else is not named."""
    rows = [r for r in request.tx.reminders.of_case(case.code) if r.done_at is None]
    for address in {r.address for r in rows if not taking_back.is_named_place(case, r.address, request.directory)}:
        subjects = frozenset(r.subject for r in rows if r.address == address)
        for told in settle_reminders(request.tx, case.code, subjects, address):
            occasion = f"{case.code}:{case.version}:marked{':manager' if told.manager else ''}"
            shorter = enqueue.reminders(told.address, occasion, request.now, anew=False, manager=told.manager)
            request.tx.outbox.put_many([shorter])
