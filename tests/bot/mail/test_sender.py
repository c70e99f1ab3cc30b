"""Sending: every way a mail server can behave becomes one of the four outcomes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from bot.delivery.outcome import Never, NotSent, Outcome, Receipt, Sent, Unknown
from bot.mail.addresses import bounce_address
from bot.mail.mime import MailMessage, compose_invite
from bot.mail.sender import SmtpPlace, SmtpSender, Timeouts
from tests.bot.mail.samples import DOMAIN, PAR, TOKEN, WORDS, invite
from tests.bot.mail.smtp_server import MailServer

QUICK = Timeouts(connect=1.0, command=1.0, data=0.3)


def mail(number: int = 1) -> MailMessage:
    return compose_invite(invite(), WORDS, f"<{number}.a@{DOMAIN}>", bounce_address(TOKEN, DOMAIN))


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with MailServer() as running:
        yield running


async def sent_to(server: MailServer, *, user: str = "") -> Outcome:
    sender = SmtpSender(f"smtp://{user}127.0.0.1:{server.port}", timeouts=QUICK)
    try:
        return await sender.send(mail())
    finally:
        await sender.close()


async def test_a_mail_arrives_byte_for_byte_with_its_envelope(server: MailServer) -> None:
    assert await sent_to(server) == Sent(Receipt(message=f"<1.a@{DOMAIN}>"))
    (post,) = server.taken
    assert (post.envelope_from, post.recipient) == (f"studs.{TOKEN}@{DOMAIN}", PAR)
    assert post.data == mail().data


@pytest.mark.parametrize(
    "stage, reply, outcome",
    [
        ("on_mail", "451 4.3.0 busy", NotSent("sender 451 4.3.0")),
        ("on_mail", "550 5.7.1 no", Never("sender 550 5.7.1")),
        ("on_mail", "530 5.7.0 login first", NotSent("sender 530 5.7.0", 300.0)),
        ("on_rcpt", "451 4.7.1 greylisted", NotSent("recipient 451 4.7.1")),
        ("on_rcpt", f"550 5.1.1 <{PAR}> unknown", Never("recipient 550 5.1.1")),
        ("on_rcpt", "550 no such user", Never("recipient 550")),
        ("on_data", "452 4.3.1 disk full", NotSent("data 452 4.3.1")),
        ("on_data", "554 5.6.0 looks like spam", Never("data 554 5.6.0")),
        ("on_rcpt", "421 4.3.2 closing", NotSent("connection_lost")),
    ],
)
async def test_a_refusal_is_final_or_not_by_its_code_and_repeats_no_address(
    server: MailServer, stage: str, reply: str, outcome: Outcome
) -> None:
    setattr(server, stage, reply)
    assert await sent_to(server) == outcome
    assert server.taken == []


async def test_a_line_that_breaks_after_the_data_leaves_the_outcome_unknown(server: MailServer) -> None:
    server.drop_after_data = True
    assert await sent_to(server) == Unknown("data SMTPServerDisconnected")
    assert len(server.taken) == 1, "it had arrived: sending blindly again would be a second mail"


async def test_a_server_that_falls_silent_after_the_data_leaves_the_outcome_unknown(server: MailServer) -> None:
    server.hang_on_data = True
    assert isinstance(await sent_to(server), Unknown)


async def test_a_server_that_is_down_is_tried_again_later() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        sender = SmtpSender(f"smtp://127.0.0.1:{port}", timeouts=QUICK)
        assert await sender.send(mail()) == NotSent("connect SMTPConnectError")
        assert await sender.check() == "connect SMTPConnectError"


async def test_a_server_that_never_greets_does_not_hold_us_up() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as listening:
        url = f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        assert isinstance(await SmtpSender(url, timeouts=Timeouts(0.2, 0.2, 0.2)).send(mail()), NotSent)
        await asyncio.sleep(0.05)


async def test_a_burst_goes_over_one_kept_connection(server: MailServer) -> None:
    sender = SmtpSender(f"smtp://127.0.0.1:{server.port}", timeouts=QUICK)
    for number in range(20):
        assert isinstance(await sender.send(mail(number)), Sent)
    assert (len(server.taken), server.connections) == (20, 1)
    await sender.close()


async def test_mails_at_once_share_a_few_connections(server: MailServer) -> None:
    sender = SmtpSender(f"smtp://127.0.0.1:{server.port}", connections=3, timeouts=Timeouts())
    outcomes = await asyncio.gather(*(sender.send(mail(number)) for number in range(30)))
    assert {type(outcome) for outcome in outcomes} == {Sent}
    assert server.connections <= 3
    await sender.close()


async def test_a_kept_connection_that_the_server_closed_costs_nothing(server: MailServer) -> None:
    sender = SmtpSender(f"smtp://127.0.0.1:{server.port}", timeouts=QUICK)
    assert isinstance(await sender.send(mail(1)), Sent)
    server.hang_up()
    assert isinstance(await sender.send(mail(2)), Sent)
    assert len(server.taken) == 2
    await sender.close()


async def test_a_refused_mail_does_not_harm_the_next_on_the_same_connection(server: MailServer) -> None:
    sender = SmtpSender(f"smtp://127.0.0.1:{server.port}", timeouts=QUICK)
    server.on_rcpt = "550 5.1.1 no"
    assert isinstance(await sender.send(mail(1)), Never)
    server.on_rcpt = ""
    assert isinstance(await sender.send(mail(2)), Sent)
    assert server.connections == 1
    await sender.close()


async def test_a_connection_idle_too_long_is_not_used_again(server: MailServer) -> None:
    sender = SmtpSender(f"smtp://127.0.0.1:{server.port}", keep_open=0.0, timeouts=QUICK)
    await sender.send(mail(1))
    await sender.send(mail(2))
    assert server.connections == 2
    await sender.close()


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_a_wrong_password_is_the_operators_to_mend_and_no_mail_dies_of_it() -> None:
    async with MailServer(password="right") as server:
        assert await sent_to(server, user="sip:wrong@") == NotSent("connect 535 5.7.8", 300.0)
        assert isinstance(await sent_to(server, user="sip:right@"), Sent)


async def test_encryption_that_is_demanded_and_not_offered_sends_nothing(server: MailServer) -> None:
    sender = SmtpSender(f"smtp://127.0.0.1:{server.port}?tls=require", timeouts=QUICK)
    assert isinstance(await sender.send(mail()), NotSent)
    assert server.taken == []


@pytest.mark.parametrize(
    "url, place",
    [
        ("smtp://mail.example.se", SmtpPlace("mail.example.se", 25, None, None, "offer")),
        ("smtp://mail.example.se:587?tls=require", SmtpPlace("mail.example.se", 587, None, None, "require")),
        ("smtp://u%40x:p%2F@mail.example.se", SmtpPlace("mail.example.se", 25, "u@x", "p/", "require")),
        ("smtp://u:p@localhost:25", SmtpPlace("localhost", 25, "u", "p", "offer")),
        ("smtps://u:p@mail.example.se", SmtpPlace("mail.example.se", 465, "u", "p", "direct")),
    ],
)
def test_an_address_tells_where_and_how_safely_to_connect(url: str, place: SmtpPlace) -> None:
    assert SmtpPlace.from_url(url) == place


@pytest.mark.parametrize("url", ["", "mail.example.se", "http://x", "smtp://", "smtp://x?tls=maybe"])
def test_an_address_that_makes_no_sense_is_told_of_at_start(url: str) -> None:
    with pytest.raises(ValueError, match=r"smtp|tls"):
        SmtpPlace.from_url(url)
