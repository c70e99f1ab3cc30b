"""Trigger ids: a bot may open one view within three seconds of a person's act."""

from __future__ import annotations

from dataclasses import dataclass

from demo.slack.errors import ApiError
from demo.slack.state.identifiers import Identifiers
from demo.slack.state.records import Clock

LIFETIME = 3.0


@dataclass(slots=True)
class Trigger:
    """Who acted, in which team's installation, and from which view, if any."""

    user: str
    team: str
    expires: float
    view: str | None = None
    used: bool = False


class Triggers:
    """The trigger ids given out; each serves once and lives three seconds by the stand-in's clock."""

    def __init__(self, clock: Clock, ids: Identifiers) -> None:
        self._clock = clock
        self._ids = ids
        self._held: dict[str, Trigger] = {}

    def issue(self, user: str, team: str, view: str | None = None) -> str:
        """Return a fresh trigger id for an act of `user` on something of `team`'s installation."""
        name = f"{int(self._clock() * 1000)}.{len(self._held) + 1}.{self._ids.token(32)}"
        self._held[name] = Trigger(user, team, self._clock() + LIFETIME, view)
        return name

    def redeem(self, name: str, team: str) -> Trigger:
        """Use a trigger id up and return what it stands for.

        Raises:
            ApiError: `invalid_trigger_id`, `exchanged_trigger_id` or `expired_trigger_id`.
        """
        trigger = self._held.get(name)
        if trigger is None or trigger.team != team:
            raise ApiError("invalid_trigger_id")
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        if self._clock() > trigger.expires:
            raise ApiError("expired_trigger_id")
        trigger.used = True
        return trigger
