"""Response URLs: five answers within thirty minutes to one act of a person, without a token."""

from __future__ import annotations

from dataclasses import dataclass

from demo.slack.state.identifiers import Identifiers
from demo.slack.state.records import Clock, Message

USES = 5
LIFETIME = 30 * 60.0


@dataclass(slots=True)
class ResponseUrl:
    """Where an answer goes: to `user` in `channel`, or in place of the message that was acted on."""

    path: str
    team: str
    channel: str
    user: str
    expires: float
    source: Message | None = None
    uses: int = 0


class ResponseUrls:
    """The response URLs given out."""

    def __init__(self, clock: Clock, ids: Identifiers) -> None:
        self._clock = clock
        self._ids = ids
        self._held: dict[str, ResponseUrl] = {}

    def issue(self, team: str, channel: str, user: str, source: Message | None = None) -> ResponseUrl:
        """Return a fresh one; `source` is the message that was acted on."""
        kind = "commands" if source is None else "actions"
        path = f"/{kind}/{team}/{self._ids.token(12)}/{self._ids.token(24)}"
        made = ResponseUrl(path, team, channel, user, self._clock() + LIFETIME, source)
        self._held[path] = made
        return made

    def use(self, path: str) -> ResponseUrl | str:
        """Count a use and return the URL's record, or Slack's word for why it serves no more."""
        held = self._held.get(path)
        if held is None:
            return "invalid_token"
        if self._clock() > held.expires:
            return "expired_url"
        if held.uses >= USES:
            return "used_url"
        held.uses += 1
        return held
