"""What programs write that the standards do not foresee: read all the same, or refused by a name that is told.

The mails are invented, modelled on what is told of real programs.
"""

from __future__ import annotations

import base64
from email import message_from_bytes

import pytest

from bot.mail.arrival import UNNAMED, dmarc_passed
from bot.mail.bounce import Bounce
from bot.mail.reply import CalendarAnswer, Reason, Refusal, ReplyRules, read_reply
from tests.bot.mail.samples import DOMAIN, PAR, TOKEN, UID

RULES = ReplyRules(DOMAIN)
HEAD = f"From: {PAR}\r\nTo: svar.{TOKEN}@{DOMAIN}\r\nMIME-Version: 1.0\r\n"
COMMENT = "Jag kommer från Åre med påsen"
ROWS = [
    "BEGIN:VCALENDAR",
    "METHOD:REPLY",
    "BEGIN:VEVENT",
    f"UID:{UID}",
    "DTSTAMP:20261110T081500Z",
    "SEQUENCE:1",
    f"COMMENT:{COMMENT}",
    f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{PAR}",
    "END:VEVENT",
    "END:VCALENDAR",
    "",
]
WHOLE = "\r\n".join(ROWS)


def answer(body: bytes, charset: str = "utf-8") -> CalendarAnswer:
    head = f"{HEAD}Content-Type: text/calendar; method=REPLY; charset={charset}\r\nContent-Transfer-Encoding: base64"
    found = read_reply(f"{head}\r\n\r\n".encode() + base64.encodebytes(body), RULES)
    assert isinstance(found, CalendarAnswer), found
    return found


def folded(text: str, width: int) -> bytes:
    """Fold every row after so many bytes, wherever that is."""
    rows = []
    for row in text.encode().split(b"\r\n"):
        pieces = [row[at : at + width] for at in range(0, len(row), width)] or [b""]
        rows.append(b"\r\n ".join(pieces))
    return b"\r\n".join(rows)


@pytest.mark.parametrize(
    "body, charset",
    [
        (b"\xff\xfe" + WHOLE.encode("utf-16-le"), "utf-8"),
        (b"\xfe\xff" + WHOLE.encode("utf-16-be"), "utf-8"),
        (b"\xff\xfe" + WHOLE.encode("utf-16-le"), "utf-16"),
        (WHOLE.encode("utf-16-le"), "utf-16"),
        (WHOLE.encode("utf-16-be"), "utf-16be"),
        (b"\xef\xbb\xbf" + WHOLE.encode(), "iso-8859-1"),
        (WHOLE.encode("cp1252"), "utf-8"),
        *[(folded(WHOLE, width), "utf-8") for width in (7, 8, 9, 21, 22)],
        ("\r\n".join(ROWS[:-2]).encode(), "utf-8"),
        ("\r\n".join(ROWS[:-3]).encode(), "utf-8"),
        (WHOLE.replace("\r\n", "\r").encode(), "utf-8"),
    ],
    ids=str,
)
def test_an_answer_is_read_however_it_is_written(body: bytes, charset: str) -> None:
    """A byte order mark outranks the label; rows are unfolded before letters are read; the file's end ends all."""
    found = answer(body, charset)
    assert (found.kind, found.attendee, found.comment) == ("accepted", PAR, COMMENT)


@pytest.mark.parametrize(
    "kind, name",
    [
        ("application/ms-tnef", "winmail.dat"),
        ("application/octet-stream", "WINMAIL.DAT"),
        ("application/vnd.ms-tnef", "a"),
    ],
)
def test_microsofts_container_is_called_by_its_name(kind: str, name: str) -> None:
    part = f'--b\r\nContent-Type: {kind}; name="{name}"\r\n\r\nx\r\n--b--'
    body = f"{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n{part}"
    assert read_reply(body.encode(), RULES) == Refusal(Reason.WINMAIL, TOKEN)


# ---- delivery reports ---------------------------------------------------------------------------------------------

STATUS = "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; {who}\r\nAction: {action}\r\nStatus: {code}\r\n"
QUOTED = "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nAction: delivered\r\nStatus: 2.0.0\r\n"


def report(
    *,
    top: str = "multipart/report; report-type=delivery-status",
    kind: str = "message/delivery-status",
    action: str = "failed",
    code: str = "5.1.1",
    encoded: bool = False,
    sender: str = "MAILER-DAEMON@mx.exempel.invalid",
    first: str = "",
) -> bytes:
    status = STATUS.format(who=PAR, action=action, code=code)
    if encoded:
        status = "\r\n" + base64.encodebytes(status.encode()).decode()
    head = f"From: {sender}\r\nTo: studs.{TOKEN}@{DOMAIN}\r\nContent-Type: {top}; boundary=b\r\n\r\n"
    encoding = "Content-Transfer-Encoding: base64\r\n" if encoded else ""
    return f"{head}{first}--b\r\nContent-Type: {kind}\r\n{encoding}\r\n{status}{QUOTED}--b--\r\n".encode()


@pytest.mark.parametrize(
    "data, expected",
    [
        (report(), ("failed", "5.1.1")),
        (report(top="multipart/mixed", sender="postmaster@outlook.exempel.invalid"), ("failed", "5.1.1")),
        (report(top="multipart/mixed", sender="MicrosoftExchange329@exempel.invalid"), ("failed", "5.1.1")),
        (report(top="multipart/report; report-type=global-delivery-status"), ("failed", "5.1.1")),
        (report(kind="message/global-delivery-status"), ("failed", "5.1.1")),
        (report(encoded=True), ("failed", "5.1.1")),
        (report(action="delayed", code="4.4.1"), ("delayed", "4.4.1")),
        (report(action="relayed", code="2.0.0"), ("delivered", "2.0.0")),
        (report(action="odd", code="5.0.0"), ("unclear", "5.0.0")),
        (report(action="", code="4.0.0"), ("delayed", "4.0.0")),
        (report(first=QUOTED), ("failed", "5.1.1")),
        (report(kind="text/plain"), ("unclear", None)),
    ],
    ids=str,
)
def test_a_delivery_report_is_found_in_whatever_shape(data: bytes, expected: tuple[str, str | None]) -> None:
    """What stands in the mail that is returned with it says nothing."""
    found = read_reply(data, RULES, envelope_from="")
    assert isinstance(found, Bounce), found
    assert (found.delivery, found.status) == expected


@pytest.mark.parametrize(
    "head, expected",
    [
        ("From: noreply@exempel.invalid\r\nX-Failed-Recipients: a@exempel.invalid\r\nSubject: Undeliverable", "failed"),
        ("From: Mail System <mailer-daemon@exempel.invalid>\r\nSubject: Warning: message delayed 4 hours", "delayed"),
        ("From: postmaster@exempel.invalid\r\nAuto-Submitted: auto-replied\r\nSubject: failure notice", "failed"),
        ("Subject: failure notice", "failed"),
    ],
)
def test_a_note_in_words_counts_at_the_address_for_reports(head: str, expected: str) -> None:
    to = f"To: studs.{TOKEN}@{DOMAIN}\r\nContent-Type: text/plain\r\n\r\nDet gick inte."
    found = read_reply(f"{head}\r\n{to}".encode(), RULES, envelope_from="")
    assert found == Bounce(TOKEN, expected)  # type: ignore[arg-type]
    at_the_other = read_reply(f"{head}\r\n{to}".replace("studs.", "svar.").encode(), RULES, envelope_from="")
    assert isinstance(at_the_other, Refusal)


# ---- what our own mail server says of the sender ------------------------------------------------------------------

OURS = "mx.kalender.example.se"
PASS = "dmarc=pass header.from=bup.example.se"


def believed(*results: str, name: str = OURS) -> bool:
    rows = "".join(f"Authentication-Results: {result}\r\n" for result in results)
    return dmarc_passed(message_from_bytes(f"{rows}From: {PAR}\r\n\r\n".encode()), name, PAR)


@pytest.mark.parametrize(
    "results",
    [
        [f"{OURS}; {PASS}"],
        [f"{OURS}; dkim=pass header.d=bup.example.se", f"{OURS}; {PASS}"],
        [f"{OURS}; spf=pass", f"{OURS}; dkim=pass", f"{OURS}; {PASS}"],
        [f'"{OURS}"; {PASS}'],
        [f"{OURS} 1; {PASS}"],
        [f"MX.Kalender.Example.SE (Postfix (yes)) 1; {PASS}"],
        [f'{OURS}; dmarc=pass (p="none; x") header.from="bup.example.se"'],
        [f"{OURS}; dmarc = pass header.from = bup.example.se"],
    ],
)
def test_the_first_dmarc_result_of_our_own_server_is_believed(results: list[str]) -> None:
    assert believed(*results)


@pytest.mark.parametrize(
    "results",
    [
        [f'{OURS}; spf=fail smtp.mailfrom="x; {PASS}"@ond.example'],
        [f'{OURS}; spf=fail smtp.mailfrom="x\\"; {PASS}"'],
        [f"{OURS}; spf=fail smtp.mailfrom=x ({PASS}; {PASS})"],
        [f"{OURS}; spf=fail (x\\); {PASS})"],
        [f'{OURS}; dmarc=fail reason="pass header.from=bup.example.se" header.from=ond.example'],
        [f"{OURS}; dmarc=pass"],
        [f'{OURS}; dmarc=pass policy.x="header.from=bup.example.se"'],
        [f"{OURS}; {PASS} header.from=ond.example"],
        [f"{OURS}; dmarc=passed header.from=bup.example.se"],
        [f"{OURS}; dmarc=fail header.from=bup.example.se", f"{OURS}; {PASS}"],
        ["mx.ond.example; dkim=pass", f"{OURS}; {PASS}"],
        [f"{OURS}; dkim=pass", "mx.ond.example; spf=pass", f"{OURS}; {PASS}"],
        [f"{OURS}.ond.example; {PASS}"],
        [f"{PASS}"],
        [f"{OURS}; dmarc=pass header.from=ond.bup.example.se"],
        [],
    ],
)
def test_what_a_sender_could_have_written_is_not_believed(results: list[str]) -> None:
    assert not believed(*results)


def test_a_server_without_a_name_is_believed_on_top_alone_and_only_when_the_operator_says_so() -> None:
    unnamed = f"spf=pass smtp.mailfrom=bup.example.se; {PASS};compauth=pass"
    assert believed(unnamed, name=UNNAMED)
    assert not believed(unnamed)
    assert not believed("spf=fail smtp.mailfrom=x", unnamed, name=UNNAMED)
    assert not believed(f"mx.ond.example; {PASS}", name=UNNAMED)
