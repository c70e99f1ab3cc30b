"""Reading answers: every well-formed one of the corpus is read right, every other one refused by name.

The mails in `replies/` are invented, modelled on what is told of real programs;
one was written by a real Thunderbird about an invented meeting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.bounce import Bounce
from bot.mail.reply import CalendarAnswer, Reading, Reason, Refusal, ReplyRules, Trust, read_reply
from bot.mail.screening import Limits
from tests.bot.mail.samples import DOMAIN, OTHER_TOKEN, PAR, TOKEN, UID

FOLDER = Path(__file__).parent / "replies"
MAILS = {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.eml"))}
RULES = ReplyRules(DOMAIN, authserv_id="mx.kalender.example.se")
STAMP = datetime(2026, 11, 10, 8, 15, tzinfo=UTC)
GOOGLE = "calendar-notification@google.com"


@dataclass(frozen=True)
class Expected:
    """What an answer is to be read as; what is left out is as in most of the corpus."""

    kind: str = "accepted"
    sequence: int | None = 1
    stamp: datetime | None = STAMP
    attendee: str | None = PAR
    delegate_to: str | None = None
    proposed: tuple[datetime, datetime] | None = None
    comment: str | None = None
    sender: str | None = PAR
    reply_to: str | None = None
    token: str | None = TOKEN
    trust: Trust = Trust.TOKEN_AND_DMARC


ONE_TO_TWO = (datetime(2026, 12, 2, 12, 0, tzinfo=UTC), datetime(2026, 12, 2, 13, 0, tzinfo=UTC))
COLLEAGUE = "kollega@bup.example.se"

ANSWERS = {
    "alarm_bomb": Expected(),
    "apple_nested_accepted": Expected(),
    "as_a_file_of_unknown_kind": Expected(),
    "authentication_results_below_our_own": Expected(trust=Trust.TOKEN),
    "authentication_results_forged_in_a_comment": Expected(trust=Trust.TOKEN),
    "authentication_results_of_a_stranger": Expected(trust=Trust.TOKEN),
    "base64_with_byte_order_mark": Expected(),
    "broken_zone": Expected(),
    "calendar_as_the_whole_body": Expected(),
    "calendar_cut_short": Expected(),
    "counter_all_day": Expected("counter"),
    "counter_in_a_zone_nobody_knows": Expected("counter", comment="Onsdag passar bättre"),
    "counter_without_attendee": Expected(
        "counter",
        attendee=None,
        proposed=(ONE_TO_TWO[0], datetime(2026, 12, 2, 13, 30, tzinfo=UTC)),
        trust=Trust.UNPROVEN,
    ),
    "delegate_answers_alone": Expected(attendee=COLLEAGUE, sender=COLLEAGUE),
    "delegated": Expected("delegated", delegate_to=COLLEAGUE),
    "dmarc_failed": Expected(trust=Trust.TOKEN),
    "dmarc_for_another_domain": Expected(trust=Trust.TOKEN),
    "exchange_counter_windows_zone": Expected("counter", proposed=ONE_TO_TWO, comment="Onsdag passar bättre"),
    "exchange_counter_zone_of_its_own": Expected("counter", proposed=ONE_TO_TWO, comment="Onsdag passar bättre"),
    "exchange_declined_without_sequence": Expected("declined", sequence=None),
    "folded_everywhere": Expected("tentative"),
    "google_accepted": Expected(sender=GOOGLE, reply_to=PAR),
    "google_counter": Expected("counter", proposed=ONE_TO_TWO, comment="Kan vi ta onsdag?"),
    "google_declined_with_note": Expected("declined", comment="Är bortrest", sender=GOOGLE, reply_to=PAR),
    "latin1_eight_bit": Expected(comment="Jag kommer från Åre"),
    "latin1_that_says_utf8": Expected(comment="Jag kommer från Åre"),
    "lower_case_words": Expected(),
    "method_only_in_the_mail": Expected(),
    "missing_sequence": Expected(sequence=None),
    "missing_stamp": Expected(stamp=None),
    "no_authentication_results": Expected(trust=Trust.TOKEN),
    "outlook_com_accepted": Expected(),
    "outlook_com_tentative_with_comment": Expected("tentative", comment="Jag kan nog, men blir sen.\nPär"),
    "refresh": Expected("refresh", sequence=None),
    "second_answer_in_an_exception": Expected(),
    "secretary_answers": Expected(sender="sekreterare@bup.example.se", trust=Trust.UNPROVEN),
    "sequence_that_is_no_number": Expected(sequence=None),
    "stamp_that_is_no_time": Expected(stamp=None),
    "thunderbird_153_accepted_for_real": Expected(
        sequence=0, stamp=datetime(2026, 11, 21, 23, 13, 42, tzinfo=UTC), trust=Trust.TOKEN
    ),
    "thunderbird_accepted": Expected(),
    "thunderbird_declined": Expected("declined"),
    "to_nobody_we_know": Expected(token=None, trust=Trust.UNPROVEN),
    "token_only_in_the_envelope": Expected(),
    "two_senders": Expected(sender=None, trust=Trust.UNPROVEN),
    "uid_with_capitals_and_blanks": Expected(),
    "zone_that_changes_every_second": Expected(),
}

BOUNCES = {
    "bounce_delayed": Bounce(TOKEN, "delayed", "4.4.1"),
    "bounce_delivered": Bounce(TOKEN, "delivered", "2.0.0"),
    "bounce_failed": Bounce(TOKEN, "failed", "5.1.1"),
    "bounce_of_an_old_server": Bounce(TOKEN, "failed", None),
    "bounce_to_the_answer_address": Bounce(TOKEN, "unclear", "5.7.1"),
}

REFUSALS = {
    "attendee_that_is_no_address": Reason.NO_ATTENDEE,
    "binary": Reason.NO_CALENDAR,
    "bounce_without_token": Reason.DELIVERY_REPORT,
    "calendar_of_noise": Reason.BROKEN_CALENDAR,
    "calendar_too_long": Reason.BROKEN_CALENDAR,
    "calendar_without_event": Reason.BROKEN_CALENDAR,
    "components_a_hundred_deep": Reason.BROKEN_CALENDAR,
    "empty": Reason.NO_CALENDAR,
    "empty_calendar": Reason.NO_CALENDAR,
    "forwarded_answer": Reason.NO_CALENDAR,
    "loop": Reason.LOOP,
    "mailing_list": Reason.MAILING_LIST,
    "nested_without_end": Reason.TOO_BIG,
    "no_attendee": Reason.NO_ATTENDEE,
    "no_headers_at_all": Reason.NO_CALENDAR,
    "no_partstat": Reason.NO_PARTSTAT,
    "no_uid": Reason.NO_UID,
    "our_own_request": Reason.WRONG_METHOD,
    "out_of_office_exchange": Reason.AUTO_REPLY,
    "parts_without_end": Reason.TOO_BIG,
    "partstat_of_a_template": Reason.NO_PARTSTAT,
    "plain_words": Reason.NO_CALENDAR,
    "published_calendar": Reason.WRONG_METHOD,
    "read_receipt": Reason.READ_RECEIPT,
    "two_attendees": Reason.SEVERAL_ATTENDEES,
    "two_events": Reason.SEVERAL_EVENTS,
    "vacation_to_the_bounce_address": Reason.AUTO_REPLY,
    "vacation_without_sender": Reason.AUTO_REPLY,
}


def unix(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def on_the_wire(data: bytes) -> bytes:
    return unix(data).replace(b"\n", b"\r\n")


def test_each_mail_of_the_corpus_has_its_expectation() -> None:
    assert MAILS.keys() == ANSWERS.keys() | BOUNCES.keys() | REFUSALS.keys()


@pytest.mark.parametrize("lines", [unix, on_the_wire])
@pytest.mark.parametrize("name", ANSWERS)
def test_every_well_formed_answer_is_read(name: str, lines: object) -> None:
    assert callable(lines)
    found = read_reply(lines(MAILS[name]), RULES)
    expected = ANSWERS[name]
    start, end = expected.proposed or (None, None)
    assert found == CalendarAnswer(
        kind=expected.kind,  # type: ignore[arg-type]
        uid=UID,
        sequence=expected.sequence,
        stamp=expected.stamp,
        attendee=expected.attendee,
        delegate_to=expected.delegate_to,
        proposed_start=start,
        proposed_end=end,
        comment=expected.comment,
        from_address=expected.sender,
        reply_to_address=expected.reply_to,
        token=expected.token,
        trust=expected.trust,
    )


@pytest.mark.parametrize("name", BOUNCES)
def test_every_delivery_report_is_read(name: str) -> None:
    assert read_reply(on_the_wire(MAILS[name]), RULES) == BOUNCES[name]


@pytest.mark.parametrize("name", REFUSALS)
def test_everything_else_is_refused_by_name(name: str) -> None:
    found = read_reply(on_the_wire(MAILS[name]), RULES)
    assert isinstance(found, Refusal)
    assert found.reason is REFUSALS[name]


def test_the_envelope_outweighs_what_the_mail_says_of_itself() -> None:
    data = MAILS["thunderbird_accepted"]
    other = read_reply(data, RULES, recipient=f"svar.{OTHER_TOKEN}@{DOMAIN}", envelope_from=PAR)
    assert isinstance(other, CalendarAnswer)
    assert other.token == OTHER_TOKEN
    nobody = read_reply(data, RULES, envelope_from="<>")
    assert nobody == Refusal(Reason.AUTO_REPLY, TOKEN)


def test_an_answer_in_another_persons_name_is_unproven_whatever_its_token() -> None:
    answer = read_reply(MAILS["thunderbird_accepted"], RULES)
    assert isinstance(answer, CalendarAnswer)
    assert answer.trust_for("PAR.Soderstrom@bup.example.se") is Trust.TOKEN_AND_DMARC
    assert answer.trust_for("bo@example.se") is Trust.UNPROVEN


def test_without_a_name_for_our_mail_server_no_result_is_believed() -> None:
    answer = read_reply(MAILS["thunderbird_accepted"], ReplyRules(DOMAIN))
    assert isinstance(answer, CalendarAnswer)
    assert answer.trust is Trust.TOKEN


def test_a_mail_or_calendar_that_is_too_big_is_not_read() -> None:
    data = on_the_wire(MAILS["calendar_as_the_whole_body"])
    assert read_reply(data + b"x" * 1_000_000, RULES) == Refusal(Reason.TOO_BIG)
    small = ReplyRules(DOMAIN, limits=Limits(calendar=200))
    assert read_reply(data, small) == Refusal(Reason.TOO_BIG, TOKEN)


def test_logs_show_neither_people_nor_words_nor_tokens() -> None:
    shown = repr(read_reply(MAILS["outlook_com_tentative_with_comment"], RULES))
    assert not any(secret in shown for secret in (PAR, TOKEN, "sen", "bup"))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A mail of the corpus with pieces cut, doubled, exchanged with another mail's, or overwritten."""
    names = st.sampled_from(sorted(MAILS))
    data = bytearray(MAILS[draw(names)])
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(data)))
        end = at + draw(st.integers(0, 200))
        match draw(st.sampled_from(["cut", "double", "graft", "write", "lines"])):
            case "cut":
                del data[at:end]
            case "double":
                data[at:at] = data[at:end] * draw(st.integers(1, 20))
            case "graft":
                other = MAILS[draw(names)]
                start = draw(st.integers(0, len(other)))
                data[at:end] = other[start : start + draw(st.integers(0, 400))]
            case "write":
                data[at:end] = draw(st.binary(max_size=20))
            case _:
                data[:] = data.replace(b"\n", draw(st.sampled_from([b"\r", b"\r\n", b"\n\n", b"\n\t"])))
    return bytes(data)


def sound(found: Reading) -> bool:
    """Whatever a reading says, it keeps to its own terms."""
    if isinstance(found, CalendarAnswer):
        instants = (found.stamp, found.proposed_start, found.proposed_end)
        return (
            bool(found.uid)
            and (found.token is not None or found.trust is Trust.UNPROVEN)
            and all(instant is None or instant.tzinfo is UTC for instant in instants)
            and (found.sequence is None or 0 <= found.sequence < 2**31)
            and len(found.comment or "") <= 2000
        )
    return isinstance(found, (Bounce, Refusal))


@given(mutated())
def test_no_mail_however_mangled_upsets_the_reader(data: bytes) -> None:
    assert sound(read_reply(data, RULES))


@given(st.binary(max_size=2000))
def test_no_bytes_upset_the_reader(data: bytes) -> None:
    assert sound(read_reply(data, RULES))
