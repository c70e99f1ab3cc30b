"""Socket Mode's envelopes: what is no payload is acknowledged, what breaks is not, and neither is written down."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from bot.slack.ingress import Reply
from bot.slack.payload import Payload
from bot.slack.socket import SocketMode
from tests.bot.slack.payloads import command


class Line:
    """What is sent back over the connection."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def send_socket_mode_response(self, answer: Any) -> None:
        self.sent.append(answer)


async def answers(reply: Reply | Exception, payload: Any) -> list[Any]:
    async def dispatch(_: Payload) -> Reply:
        if isinstance(reply, Exception):
            raise reply
        return reply

    api: Any = None
    line: Any = Line()
    request: Any = SimpleNamespace(payload=payload, envelope_id="e1")
    await SocketMode(dispatch, api, "xapp-1")._on(line, request)  # noqa: SLF001 - what the SDK calls
    return list(line.sent)


async def test_an_empty_answer_is_the_bare_acknowledgement() -> None:
    assert await answers(Reply(200), command()) == [{"envelope_id": "e1"}]


async def test_a_card_or_a_text_goes_along() -> None:
    card = Reply(200, b'{"text": "hej"}', "application/json;charset=utf-8")
    assert await answers(card, command()) == [{"envelope_id": "e1", "payload": {"text": "hej"}}]
    assert await answers(Reply(200, b"hej"), command()) == [{"envelope_id": "e1", "payload": {"text": "hej"}}]


@pytest.mark.parametrize("payload", [None, [], "text", {}, {"type": "block_actions"}, {"type": 7}])
async def test_what_is_no_payload_does_not_come_again(payload: Any) -> None:
    assert await answers(Reply(500), payload) == [{"envelope_id": "e1"}]


async def test_what_breaks_is_not_acknowledged_so_that_it_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert await answers(RuntimeError("hemligt ord"), command("hemligt ord")) == []
        assert await answers(Reply(500), command()) == []
    assert all("hemligt" not in str(record.__dict__) for record in caplog.records)
