"""Pictures on Matrix: encrypted like all else, with their words as the caption."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

import templates
from bot.background import Background
from bot.delivery.outcome import Never, Receipt, Sent
from bot.matrix.transport import MatrixTransport
from bot.picture import drawn
from handlers.ui.outgoing import Bar, Picture

ANNA = "matrix:person:@anna:exempel.invalid"
PICTURE = Picture("Statistik, kvartal 3 2026", (Bar("Planer", "6 av 9", "Planer: 6 av 9", 6 / 9),), "sip-2026-3.png")


class FakeSession:
    """Keeps what was uploaded and sent."""

    def __init__(self) -> None:
        self.uploaded: list[bytes] = []
        self.sent: list[tuple[str, Mapping[str, Any]]] = []
        self.store = self

    def hidden(self, key: str) -> str:
        return f"hidden {key}"

    async def upload(self, content: bytes) -> dict[str, Any]:
        self.uploaded.append(content)
        return {"url": "mxc://exempel.invalid/1", "v": "v2"}

    async def send(self, room: str, content: Mapping[str, Any], transaction: str) -> str:
        self.sent.append((room, {**content, "transaction": transaction}))
        return "$1"

    async def show(self, *_: object) -> None:
        pass


async def room(_person: str) -> str:
    return "!direct"


def transport(session: FakeSession) -> MatrixTransport:
    direct = SimpleNamespace(room=room)
    return MatrixTransport(
        cast("Any", session), cast("Any", direct), templates.load, lambda _: b"", Background(), cast("Any", None)
    )


async def test_a_picture_is_an_encrypted_image_whose_caption_says_all_it_shows() -> None:
    session = FakeSession()
    assert await transport(session).deliver(ANNA, PICTURE, "k", None) == Sent(Receipt("!direct", "$1"))
    ((place, content),) = session.sent
    assert place == "!direct"
    assert (content["msgtype"], content["filename"]) == ("m.image", "sip-2026-3.png")
    assert content["body"] == "Statistik, kvartal 3 2026. Planer: 6 av 9."
    assert content["file"]["url"].startswith("mxc://"), "an encrypted file, never a bare url"
    assert "url" not in content
    (png,) = session.uploaded
    assert png.startswith(b"\x89PNG")
    assert content["info"] | {"h": 0} == {"mimetype": "image/png", "size": len(png), "w": 780, "h": 0}
    assert content["transaction"] == "hidden k"


async def test_a_picture_that_cannot_be_drawn_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: Picture) -> None:
        raise MemoryError

    monkeypatch.setattr(drawn, "_draw", fails)
    session = FakeSession()
    assert await transport(session).deliver(ANNA, PICTURE, "k", None) == Never("not_drawn")
    assert (session.uploaded, session.sent) == ([], [])
