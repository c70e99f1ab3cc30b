"""`/sip avsluta`: the coordination ends, every actor is told and confirms (R174, R175)."""

from __future__ import annotations

from domain.case import Ground
from domain.errors import NotAllowed
from domain.problem import Problem
from domain.steps.ending import close_case, confirm_notice, require_closable
from handlers import enqueue
from handlers.request import Visit
from handlers.save import Entry, keep
from handlers.ui.form_data import Reading
from handlers.ui.forms import Field, Form, Kind, Note
from handlers.ui.options import choices, tick
from handlers.ui.responses import Answer, Ask

FORM = "case.close"
CONFIRM = "closing.confirm"


def ask(visit: Visit, code: str) -> Answer:
    """Open the form."""
    case = visit.case_to_steer(code)
    require_closable(case)
    words = visit.words
    parts: tuple[Field | Note, ...] = (
        Note(words("close.intro", code=code)),
        Field(
            "ground",
            Kind.SELECT,
            words("close.ground"),
            required=True,
            options=choices(words, "ground", (Ground.GOALS_MET, Ground.NO_NEED)),
        ),
        tick(words, "agreed", "close.agreed"),
    )
    return Ask(
        Form(
            FORM,
            words("close.form_title"),
            words("close.submit"),
            words("form.cancel"),
            visit.seal(f=FORM, c=code),
            parts,
        )
    )


def submit(visit: Visit, code: str, values: Reading) -> Answer:
    """Close, and tell everybody."""
    case = visit.case_to_steer(code)
    if case.closure is not None:
        return visit.say("close.closed_already", code=code, **visit.by(case.closure.closed))
    require_closable(case)
    ground = values.one("ground", Ground, required=True)
    if ground is Ground.WITHDRAWN:
        values.problems.append(Problem("ground", "field.unknown_choice"))
    if not values.ticked("agreed"):
        values.problems.append(Problem("agreed", "close.agree_first"))
    if values.problems or ground is None:
        return visit.mend(values.problems)
    after = close_case(case, ground, visit.stamp)
    notices = after.closure.notices if after.closure is not None else ()
    letters = [enqueue.ending(after, notice.agency, visit.directory, visit.now, urgent=False) for notice in notices]
    entry = Entry("case.closed", visit.staff.id, visit.staff.agency, {"ground": ground.value, "notices": len(notices)})
    saved = keep(visit.office, visit.tx, case, after, [entry], letters)
    names = [visit.agency_name(notice.agency) for notice in notices]
    return visit.say("close.done", code=saved.code, names=visit.words.listing(names))


def confirm(visit: Visit, code: str, agency: str) -> Answer:
    """An agency's button: it knows that the case has ended."""
    if visit.staff.agency != agency:
        raise NotAllowed("right.answering")
    case = visit.tx.cases.get(code)
    notice = case.closure.notice_of(agency) if case.closure is not None else None
    if notice is not None and notice.confirmed is not None:
        return visit.say("close.confirmed_already", code=code, **visit.by(notice.confirmed))
    after = confirm_notice(case, agency, visit.stamp)
    entry = Entry("closing.confirmed", visit.staff.id, agency)
    keep(
        visit.office,
        visit.tx,
        case,
        after,
        [entry],
        [enqueue.ending(after, agency, visit.directory, visit.now, urgent=False)],
    )
    return visit.say("close.confirmed", code=code)
