"""The whole life of a case, in any order that people may think of, with days passing between (process 7A-7D).

Each rule does what a handler does: it asks the domain what is wrong and goes on only if nothing is. After every step
the case must be one that the process knows, that tells nobody what the consent does not cover, and that nobody forgets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.attendee import Attendee, Naming
from domain.audience import Occasion, hears
from domain.calendar.replies import Answered, Heard, find_invited, take_answer
from domain.case import AgeBand, Case, Flag, State
from domain.consent import Consent, Decision, Expression, Giver, Part, Topic, problems_of_consent
from domain.errors import SipError
from domain.matters.closure import Ground
from domain.matters.need import NoticedBy
from domain.matters.plan import PERSON
from domain.meeting import Meeting, Mode
from domain.next_step import Step, next_step
from domain.reminders.deadlines import deadlines, next_due
from domain.reminders.due import Due
from domain.report import NoFollowUp, NoLead, Outcome
from domain.responsibility import may_steer
from domain.snooze import Snooze
from domain.stamp import Stamp
from domain.steps import answer_summons
from domain.steps.answer_summons import Asked, find_summons, problems_of_forward
from domain.steps.appointment import Appointment, problems_of_appointment
from domain.steps.ending import (
    close_case,
    confirm_notice,
    meeting_without_plan,
    problems_of_sending,
    require_closable,
    send_plan,
)
from domain.steps.move_meeting import move_meeting, require_movable
from domain.steps.open_case import open_case, problems_of_opening
from domain.steps.record_consent import record_consent, withdraw
from domain.steps.report_meeting import problems_of_report, report_meeting, reportable_meeting
from domain.steps.summon import Calling, call_meeting, problems_of_calling, require_callable
from domain.summons import Decline, DeclineReason, Proposal, Summons
from tests.domain.makers import (
    ANNA,
    CALENDAR,
    CODE,
    DIRECTORY,
    EVERYBODY,
    GOTLAND,
    JULIA,
    LEIF,
    OMAR,
    PIA,
    RULES,
    SWEDEN,
    instant,
    opening,
    reporting,
    sending,
)

S = State
AFTER_CALL = {S.SUMMONED, S.READY}
FOLLOW_UP = {S.FOLLOWUP_SUMMONED, S.FOLLOWUP_READY}
# Process 7A. Not held leads back to where the case stood before the meeting was called.
ALLOWED: dict[State, set[State]] = {
    S.ASSESSED: {S.PREPARING, S.REFUSED},
    S.REFUSED: {S.PREPARING},
    S.PREPARING: AFTER_CALL | {S.CLOSED},
    S.SUMMONED: {S.READY, S.PREPARING, S.PLAN_DRAFT, S.CLOSING, S.CLOSED},
    S.READY: {S.SUMMONED, S.PREPARING, S.PLAN_DRAFT, S.CLOSING, S.CLOSED},
    S.PLAN_DRAFT: FOLLOW_UP | {S.ACTIVE, S.CLOSING, S.CLOSED},
    S.ACTIVE: FOLLOW_UP | {S.CLOSING, S.CLOSED},
    S.FOLLOWUP_SUMMONED: {S.FOLLOWUP_READY, S.PLAN_DRAFT, S.ACTIVE, S.CLOSING, S.CLOSED},
    S.FOLLOWUP_READY: {S.FOLLOWUP_SUMMONED, S.PLAN_DRAFT, S.ACTIVE, S.CLOSING, S.CLOSED},
    S.CLOSING: FOLLOW_UP | {S.CLOSED},
    S.CLOSED: set(),
    S.DENIED: set(),
}

agencies = st.sampled_from(sorted(EVERYBODY))
some_agencies = st.sets(agencies, min_size=1)
some_topics = st.sets(st.sampled_from(Topic), min_size=1)
people = st.sampled_from([ANNA, JULIA, OMAR, PIA, LEIF, ""])
days_ahead = st.integers(1, 60)
seldom = st.integers(0, 9).map(lambda n: n == 9)
which = st.integers(0, 1000)


def stands(*states: State) -> Callable[[Life], bool]:
    return lambda life: life.case.state in states


def meets(life: Life) -> bool:
    """Say whether a meeting is coming that can still be answered."""
    meeting = life.case.coming_meeting
    return meeting is not None and meeting.start > life.now


def may_report(life: Life) -> bool:
    try:
        return reportable_meeting(life.case).start <= life.now
    except SipError:
        return False


class Life(RuleBasedStateMachine):
    """One case, the clock, and what the clock has sent."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = instant("2026-03-02 10:00")
        self.case: Case
        self.sent: set[str] = set()
        self.meanings: dict[str, tuple[object, ...]] = {}
        self.people_named = 0
        self.last_asked: tuple[Case, datetime, tuple[Due, ...]] | None = None

    # ---- what surrounds the steps ------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        return self.now.astimezone(SWEDEN).date()

    def stamp(self, who: str = ANNA) -> Stamp:
        return Stamp(who, self.now)

    def dues(self) -> tuple[Due, ...]:
        """Return what is due in the case now: found once after each step, and not by each invariant anew."""
        if self.last_asked is None or self.last_asked[0] is not self.case or self.last_asked[1] != self.now:
            self.last_asked = self.case, self.now, deadlines(self.case, RULES, self.now)
        return self.last_asked[2]

    def become(self, after: Case) -> None:
        """Keep what came of a step, as storage does, and compare it with what was."""
        before = self.case
        assert after.state is before.state or after.state in ALLOWED[before.state], (before.state, after.state)
        assert after.consents[: len(before.consents)] == before.consents
        assert after.plans[: len(before.plans)] == before.plans
        assert set(after.told()) >= set(before.told())
        for old, new in zip(before.meetings, after.meetings, strict=False):
            never_goes_back(old, new)
        if before.closure is not None and after.closure is not None:
            assert after.closure.ground is before.closure.ground
        open_keys = {due.key for due in deadlines(after, RULES, self.now)}
        self.case = replace(after, fired=after.fired & open_keys, version=before.version + 1)
        # Nobody is reminded in the same moment, and at any hour, of what they have just changed.
        for due in self.dues():
            assert due.at > self.now or due.key in self.case.fired, due

    def attempt(self, step: Callable[[], Case]) -> None:
        """Take a step, or be told why not."""
        try:
            after = step()
        except SipError:
            return
        self.become(after)

    # ---- the beginning -----------------------------------------------------------------------------------------

    @initialize(
        noticed=st.integers(0, 60),
        age_band=st.sampled_from(AgeBand),
        flags=st.sets(st.sampled_from(Flag)),
        wish=st.none() | days_ahead,
        far=st.integers(0, 7),
    )
    def begin(self, noticed: int, age_band: AgeBand, flags: set[Flag], wish: int | None, far: int) -> None:
        """Open the case, and go some way along the plain path."""
        told = opening(
            noticed_on=self.today - timedelta(noticed),
            noticed_by=NoticedBy.STAFF,
            age_band=age_band,
            flags=frozenset(flags),
            meeting_by=None if wish is None else self.today + timedelta(wish),
        )
        assert problems_of_opening(told, GOTLAND, self.today) == ()
        self.case = open_case(told, code=CODE, profile=GOTLAND, staff=DIRECTORY.staff[ANNA], now=self.now)
        plain_path: tuple[Callable[[], None], ...] = (
            lambda: self.consent_is_given(set(EVERYBODY), 400),
            lambda: self.a_meeting_is_called({"bup", "skola", "fk"}, {Topic.NEEDS}, 20, 13, careless=False),
            self.the_obliged_name_somebody,
            lambda: self.the_meeting_comes_and_is_held(JULIA, 60, remains=True),
            lambda: self.the_plan_is_sent(set()),
            lambda: self.a_meeting_is_called({"soc", "vc"}, {Topic.FOLLOW_UP}, 50, 9, careless=False),
            lambda: self.the_meeting_comes_and_is_held(JULIA, None, remains=False),
        )
        for step in plain_path[:far]:
            step()

    def the_obliged_name_somebody(self) -> None:
        for one, summons in enumerate(self.coming().summonses):
            if summons.obliged:
                self.an_agency_names(one, keep=False, fresh=1)

    def the_meeting_comes_and_is_held(self, lead: str, follow_up: int | None, *, remains: bool) -> None:
        self.the_meeting_comes(120)
        self.the_meeting_was_held(lead, follow_up, remains=remains)

    # ---- time --------------------------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from([1, 20, 90, 600, 24 * 60, 3 * 24 * 60, 10 * 24 * 60, 40 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.tick()

    @rule()
    def the_next_reminder_comes(self) -> None:
        due = next_due(self.case, self.dues())
        if due is not None:
            self.now = max(self.now, due)
            self.tick()

    @precondition(lambda self: self.case.coming_meeting is not None)
    @rule(minutes=st.sampled_from([-60, 0, 30, 120]))
    def the_meeting_comes(self, minutes: int) -> None:
        self.now = max(self.now, self.coming().start + timedelta(minutes=minutes))
        self.tick()

    def tick(self) -> None:
        """Send what is due; of each ladder the newest."""
        due_now = [due for due in self.dues() if due.at <= self.now and due.key not in self.case.fired]
        newest = {due.group: due.key for due in due_now if due.until is None or due.until > self.now}
        assert self.sent.isdisjoint(newest.values())
        self.sent.update(newest.values())
        fired = self.case.fired | {due.key for due in due_now}
        open_keys = {due.key for due in self.dues()}
        self.case = replace(self.case, fired=fired & open_keys)

    # ---- consent -----------------------------------------------------------------------------------------------

    @precondition(stands(S.ASSESSED, S.REFUSED))
    @rule(covered=st.just(set(EVERYBODY)) | some_agencies, days=st.integers(60, 400))
    def consent_is_given(self, covered: set[str], days: int) -> None:
        self.record(covered, set(Topic), set(Part), days)

    @precondition(lambda self: self.case.consents)
    @rule(
        change=st.sampled_from(["agencies", "topics", "parts", "days", "nothing", "nothing"]),
        covered=some_agencies,
        topics=some_topics,
        days=st.integers(0, 20),
    )
    def consent_is_recorded_anew(self, change: str, covered: set[str], topics: set[Topic], days: int) -> None:
        self.record(
            covered if change == "agencies" else set(EVERYBODY),
            topics if change == "topics" else set(Topic),
            {Part.EXCHANGE} if change == "parts" else set(Part),
            days if change == "days" else 200,
        )

    def record(self, covered: set[str], topics: set[Topic], parts: set[Part], days: int) -> None:
        child = self.case.age_band is AgeBand.CHILD
        given = Consent(
            decision=Decision.GIVEN,
            given_by=frozenset({Giver.GUARDIAN_1, Giver.GUARDIAN_2} if child else {Giver.PERSON}),
            expression=Expression.ORAL,
            recorded_at=self.now,
            recorded_by=ANNA,
            parts=frozenset(parts),
            agencies=frozenset(covered),
            topics=frozenset(topics),
            valid_until=self.today + timedelta(days),
        )
        assert problems_of_consent(given, child=child, profile=GOTLAND, today=self.today) == ()
        self.attempt(lambda: record_consent(self.case, given, now=self.now, today=self.today))

    @rule(sure=seldom)
    def consent_is_refused(self, *, sure: bool) -> None:
        no = Consent(Decision.REFUSED, frozenset({Giver.PERSON}), Expression.ORAL, self.now, ANNA)
        if sure:
            self.attempt(lambda: record_consent(self.case, no, now=self.now, today=self.today))

    @rule(sure=seldom)
    def consent_is_withdrawn(self, *, sure: bool) -> None:
        if sure:
            self.attempt(lambda: withdraw(self.case, self.stamp()))

    # ---- the meeting -------------------------------------------------------------------------------------------

    def appointment(self, ahead: int, hour: int) -> Appointment:
        day = self.today + timedelta(ahead)
        start = datetime(day.year, day.month, day.day, hour, tzinfo=SWEDEN)
        place = "" if self.case.protected else "Rum 3, Exempelgatan 1"
        return Appointment(day, f"{hour:02}:00", start.astimezone(UTC), 60, Mode.IN_PERSON, place)

    @precondition(lambda self: self.case.is_open and self.case.consents)
    @rule(wanted=some_agencies, topics=some_topics, careless=seldom, ahead=days_ahead, hour=st.integers(8, 16))
    def a_meeting_is_called(
        self, wanted: set[str], topics: set[Topic], ahead: int, hour: int, *, careless: bool
    ) -> None:
        consent = self.case.consent
        if consent is not None and not careless:
            wanted = wanted & consent.agencies or set(consent.agencies)
            topics = topics & consent.topics or set(consent.topics)
        meeting = self.case.coming_meeting
        appointment = self.appointment(ahead, hour)
        if meeting is not None:
            appointment = Appointment(
                meeting.day, meeting.clock, meeting.start, meeting.length, meeting.mode, meeting.place, meeting.link
            )
        calling = Calling(appointment, tuple(sorted(wanted)), tuple(sorted(topics)), ANNA, "", consulted=True)

        def step() -> Case:
            require_callable(self.case, self.now)
            if problems_of_calling(self.case, calling, DIRECTORY, self.now, self.today):
                return self.case
            return call_meeting(
                self.case,
                calling,
                uid=f"uid-{len(self.case.meetings) + 1}",
                directory=DIRECTORY,
                profile=GOTLAND,
                stamp=self.stamp(self.case.responsible),
                today=self.today,
            )

        self.attempt(step)

    @precondition(meets)
    @rule(ahead=days_ahead, hour=st.integers(8, 16), link=st.booleans())
    def the_meeting_is_moved(self, ahead: int, hour: int, *, link: bool) -> None:
        def step() -> Case:
            meeting = require_movable(self.case, self.now, self.today)
            moved_to = self.appointment(ahead, hour)
            if link and not self.case.protected:
                moved_to = replace(
                    moved_to, day=meeting.day, clock=meeting.clock, start=meeting.start, link="https://x.invalid"
                )
            if problems_of_appointment(self.case, moved_to, consulted=True, now=self.now):
                return self.case
            return self.case.with_meeting(move_meeting(meeting, moved_to, stamp=self.stamp()))

        self.attempt(step)

    def coming(self) -> Meeting:
        meeting = self.case.coming_meeting
        assert meeting is not None
        return meeting

    def answer(self, one: int, take: Callable[[Asked], Case]) -> None:
        """One of the summonses is answered, be it still open or not."""
        meeting = self.coming()
        agency = meeting.summonses[one % len(meeting.summonses)].agency
        self.attempt(lambda: take(find_summons(self.case, meeting.number, agency, self.now)))

    @precondition(meets)
    @rule(one=which)
    def an_agency_confirms(self, one: int) -> None:
        self.answer(one, lambda asked: answer_summons.receive(asked, self.stamp(JULIA)))

    @precondition(meets)
    @rule(one=which, keep=st.booleans(), back=st.booleans(), fresh=st.integers(0, 2))
    def an_agency_names(self, one: int, fresh: int, *, keep: bool, back: bool = False) -> None:
        """Those of before stay or not, one who was taken off may be asked after all, and others are new."""

        def take(asked: Asked) -> Case:
            taken_off = asked.meeting.uninvited[-1:] if back else ()
            named = (*(asked.summons.named() if keep else ()), *taken_off, *(self.somebody() for _ in range(fresh)))
            if not named:
                return self.case
            return answer_summons.name_attendees(asked, Naming(named), self.stamp(JULIA))

        self.answer(one, take)

    def somebody(self) -> Attendee:
        self.people_named += 1
        n = self.people_named
        return Attendee(f"key-{n}", f"token-{n}", f"Person {n}", "Kurator", f"p{n}@exempel.invalid")

    @precondition(lambda self: meets(self) and bool(self.coming().attendees()))
    @rule(one=which, kind=st.sampled_from(Answered), late=st.booleans())
    def a_calendar_answers(self, one: int, kind: Answered, *, late: bool) -> None:
        people = self.coming().attendees()
        invited = find_invited(self.case, people[one % len(people)][1].token)
        assert invited is not None
        about = invited.attendee.asked - late
        heard = Heard(kind, about, self.now - timedelta(hours=2 * late), self.now, "unproven")
        self.attempt(lambda: take_answer(self.case, invited, heard))

    @precondition(meets)
    @rule(one=which)
    def an_agency_proposes(self, one: int) -> None:
        self.answer(one, lambda a: answer_summons.propose(a, Proposal(self.today, "09:00"), self.stamp(JULIA)))

    @precondition(meets)
    @rule(one=which)
    def an_agency_declines(self, one: int) -> None:
        self.answer(one, lambda a: answer_summons.decline(a, Decline(DeclineReason.TIME), self.stamp(JULIA)))

    @precondition(meets)
    @rule(one=which, onward=agencies)
    def an_agency_forwards(self, one: int, onward: str) -> None:
        def take(asked: Asked) -> Case:
            if problems_of_forward(asked, onward, DIRECTORY):
                return self.case
            consent = self.case.consent
            covered = consent is not None and consent.allows_exchange(onward, self.today)
            return answer_summons.forward(
                asked, onward, directory=DIRECTORY, profile=GOTLAND, covered=covered, stamp=self.stamp(JULIA)
            )

        self.answer(one, take)

    # ---- after it ----------------------------------------------------------------------------------------------

    @precondition(may_report)
    @rule(lead=people, follow_up=st.none() | days_ahead, remains=st.sampled_from([True, True, True, False]))
    def the_meeting_was_held(self, lead: str, follow_up: int | None, *, remains: bool) -> None:
        told = reporting(
            lead=lead,
            lead_agency=DIRECTORY.staff[lead].agency if lead else "",
            no_lead=NoLead.PERSON_UNDECIDED,
            follow_up_on=None if follow_up is None else self.today + timedelta(follow_up),
            no_follow_up=NoFollowUp.CALENDARS,
            need_remains=remains,
        )

        def step() -> Case:
            meeting = reportable_meeting(self.case)
            attended = frozenset({self.case.unit_of(meeting), *(s.agency for s in meeting.live())})
            known = replace(told, attended=attended)
            if problems_of_report(self.case, meeting, known, DIRECTORY, self.now, self.today):
                return self.case
            return report_meeting(self.case, meeting, known, stamp=self.stamp())

        self.attempt(step)

    @precondition(lambda self: self.case.coming_meeting is not None)
    @rule(so=seldom)
    def the_meeting_was_not_held(self, *, so: bool) -> None:
        if not so:
            return

        def step() -> Case:
            meeting, told = reportable_meeting(self.case), reporting(outcome=Outcome.NOT_HELD)
            if problems_of_report(self.case, meeting, told, DIRECTORY, self.now, self.today):
                return self.case
            return report_meeting(self.case, meeting, told, stamp=self.stamp())

        self.attempt(step)

    @precondition(stands(S.PLAN_DRAFT, S.FOLLOWUP_SUMMONED, S.FOLLOWUP_READY, S.CLOSING))
    @rule(more=st.sets(agencies, max_size=2))
    def the_plan_is_sent(self, more: set[str]) -> None:
        def step() -> Case:
            meeting = meeting_without_plan(self.case)
            attended = meeting.report.attended if meeting.report is not None else frozenset()
            told = sending(self.today.isoformat(), PERSON, *attended, *more)
            if problems_of_sending(self.case, meeting, told, DIRECTORY, self.today):
                return self.case
            return send_plan(self.case, meeting, told, self.stamp())

        self.attempt(step)

    @precondition(stands(S.CLOSING, S.ACTIVE))
    @rule()
    def the_case_is_closed(self) -> None:
        def step() -> Case:
            require_closable(self.case)
            return close_case(self.case, Ground.NO_NEED, self.stamp())

        self.attempt(step)

    @precondition(stands(S.CLOSED))
    @rule(agency=agencies)
    def an_agency_confirms_the_end(self, agency: str) -> None:
        self.attempt(lambda: confirm_notice(self.case, agency, self.stamp(JULIA)))

    @precondition(stands(S.CLOSED))
    @rule(agency=agencies)
    def the_end_is_delivered(self, agency: str) -> None:
        closure = self.case.closure
        notice = closure.notice_of(agency) if closure is not None else None
        if closure is not None and notice is not None:
            self.become(replace(self.case, closure=closure.with_notice(replace(notice, delivered_at=self.now))))

    @rule(so=seldom, pick=which, days=st.integers(1, 30))
    def a_reminder_is_snoozed(self, pick: int, days: int, *, so: bool) -> None:
        groups = sorted({due.group for due in self.dues()})
        if so and groups:
            until = Snooze(self.today + timedelta(days), "agreed")
            self.become(replace(self.case, snoozes={**self.case.snoozes, groups[pick % len(groups)]: until}))

    # ---- what always holds -------------------------------------------------------------------------------------

    @invariant()
    def nobody_outside_the_consent_is_summoned(self) -> None:
        meeting, consent = self.case.coming_meeting, self.case.consent
        live = {s.agency for s in meeting.live()} if meeting is not None else set()
        if live:
            assert consent is not None
            assert consent.decision is Decision.GIVEN
            assert consent.parts == frozenset(Part)
            assert live <= consent.agencies
            assert set(self.coming().purpose) <= consent.topics

    @invariant()
    def nobody_comes_who_was_not_named_and_nobody_twice(self) -> None:
        for meeting in self.case.meetings:
            coming = [who.key for _, who in meeting.attendees()]
            gone = [who.key for who in meeting.uninvited]
            assert len({*coming, *gone}) == len(coming) + len(gone)
            assert len({s.agency for s in meeting.summonses}) == len(meeting.summonses)

    @invariant()
    def meetings_are_numbered_in_order(self) -> None:
        assert [m.number for m in self.case.meetings] == list(range(1, len(self.case.meetings) + 1))
        assert len({m.uid for m in self.case.meetings}) == len(self.case.meetings)
        assert sum(m.is_open for m in self.case.meetings) <= 1
        assert [plan.version for plan in self.case.plans] == list(range(1, len(self.case.plans) + 1))

    @invariant()
    def every_key_stands_for_one_thing(self) -> None:
        dues = self.dues()
        assert len({due.key for due in dues}) == len(dues)
        for due in dues:
            # The manager of T9 may hear of it a day later, when what is missing was told again.
            when = None if due.group.startswith("open_points:") and due.to == "manager" else due.at
            meaning = (due.kind, due.to, when, due.day)
            assert self.meanings.setdefault(due.key, meaning) == meaning

    @invariant()
    def reminders_keep_to_working_hours(self) -> None:
        # An acute case may not wait for work to begin after its meeting (days 5B.6).
        at_any_hour = {"phone_ending", "confirm_receipt"} if Flag.ACUTE in self.case.flags else {"phone_ending"}
        for due in self.dues():
            assert due.kind in at_any_hour or CALENDAR.within_hours(due.at, GOTLAND.opens, GOTLAND.closes)

    @invariant()
    def an_open_case_is_never_forgotten(self) -> None:
        if self.case.is_open and self.case.state is not State.CLOSING:
            assert next_due(self.case, self.dues()) is not None
            assert next_step(self.case, RULES, self.now).step not in {Step.NOTHING, Step.CONFIRM}

    @invariant()
    def after_the_end_only_its_notices_are_spoken_of(self) -> None:
        if not self.case.is_open:
            allowed = {"phone_ending", "confirm_ending"} if self.case.closure is not None else set()
            assert {due.kind for due in self.dues()} <= allowed
        if self.case.closure is not None:
            assert self.case.state is State.CLOSED
            assert self.case.coming_meeting is None
            if self.case.closure.ground is Ground.WITHDRAWN:
                assert not any(m.live() for m in self.case.meetings if m.is_open)
            opening = {self.case.agency} - {self.case.responsible_agency}
            assert {notice.agency for notice in self.case.closure.notices} == {*self.case.told(), *opening}

    @invariant()
    def somebody_is_responsible(self) -> None:
        assert may_steer(self.case, DIRECTORY.staff[self.case.responsible], DIRECTORY)
        assert self.case.responsible_agency == DIRECTORY.staff[self.case.responsible].agency

    @invariant()
    def each_agency_hears_what_its_relation_to_the_case_lets_it_hear(self) -> None:
        """R44, R62, R77, R174."""
        case, told = self.case, set(self.case.told())
        scope = case.consent.agencies if case.consent is not None else frozenset()
        for agency in EVERYBODY:
            heard = {occasion for occasion in Occasion if hears(case, occasion, agency)}
            if agency not in told | {case.agency, case.responsible_agency}:
                assert not heard
            if agency not in scope | {case.responsible_agency}:
                assert heard.isdisjoint({Occasion.NAMES, Occasion.MOVE, Occasion.PLAN_CHANGE})
            if agency in told:
                assert Occasion.END in heard
                assert agency not in scope or Occasion.WITHDRAWAL in heard

    @invariant()
    def what_is_stored_comes_back_as_it_was(self) -> None:
        assert msgspec.json.decode(msgspec.json.encode(self.case), type=Case) == self.case


def never_goes_back(old: Meeting, new: Meeting) -> None:
    """SEQUENCE, round and revisions rise or stay; every CANCEL and every asking anew takes a number of its own."""
    assert (old.number, old.uid) == (new.number, new.uid)
    assert new.sequence >= old.sequence
    assert new.round >= old.round
    assert new.sequence - old.sequence >= new.round - old.round
    assert new.sequence > old.sequence or new.uninvited == old.uninvited
    keys_named = {who.key for summons in new.summonses for who in summons.named()}
    assert {who.key for who in old.uninvited} <= {who.key for who in new.uninvited} | keys_named
    assert old.is_open or not new.is_open
    for before in old.summonses:
        after = new.summons_of(before.agency)
        assert after is not None
        assert after.revision >= before.revision + (said_by(before) != said_by(after))


def said_by(summons: Summons) -> tuple[object, ...]:
    """Return what the agency itself has said; calendars answer without a revision."""
    who_comes = [who.key for who in summons.named()], summons.naming is not None and summons.naming.round
    return who_comes, summons.decline, summons.proposal, summons.forward


Life.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
test_any_life_of_a_case = pytest.mark.slow(Life.TestCase)
