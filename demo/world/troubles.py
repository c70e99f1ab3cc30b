"""Slack's bad days, to be switched on by the visitor."""

from __future__ import annotations

from demo.slack.faults import Fault
from demo.slack.stand_in import StandIn
from demo.world.people import OUTSIDE_TEAM, OUTSIDER, SHARED_CHANNEL

#: So many calls are struck by a rate limit or by server errors.
STRUCK = 3
RETRY_AFTER = 2


class Troubles:
    """What is wrong with Slack just now."""

    def __init__(self, slack: StandIn) -> None:
        self._slack = slack
        self._limited: Fault | None = None
        self._erring: Fault | None = None
        self._out: Fault | None = None

    @property
    def rate_limited(self) -> bool:
        """Say whether coming calls will be answered with 429."""
        return _strikes(self._limited)

    @property
    def erring(self) -> bool:
        """Say whether coming calls will be answered with 503."""
        return _strikes(self._erring)

    @property
    def outage(self) -> bool:
        """Say whether nothing gets through."""
        return _strikes(self._out)

    @property
    def outsider(self) -> bool:
        """Say whether the stranger is in the shared channel."""
        channel = self._slack.directory.channels[SHARED_CHANNEL]
        return self._stranger in channel.members

    @property
    def _stranger(self) -> str:
        return self._slack.person(OUTSIDER).user.id

    def limit_rate(self, *, on: bool) -> None:
        """Have Slack answer the next calls with 429 and a Retry-After."""
        self._clear(self._limited)
        self._limited = self._slack.faults.rate_limited(times=STRUCK, retry_after=RETRY_AFTER) if on else None

    def err(self, *, on: bool) -> None:
        """Have Slack answer the next calls with 503."""
        self._clear(self._erring)
        self._erring = self._slack.faults.server_error(times=STRUCK) if on else None

    def be_out(self, *, on: bool) -> None:
        """Have Slack answer every call with 503 until it is switched off."""
        self._clear(self._out)
        self._out = self._slack.faults.outage() if on else None

    def let_in_outsider(self, *, on: bool) -> None:
        """Share a channel with another organisation, and let one of its people in; or end that."""
        channel = self._slack.directory.channels[SHARED_CHANNEL]
        members = [member for member in channel.members if member != self._stranger]
        channel.members = [*members, self._stranger] if on else members
        channel.shared_with = frozenset({OUTSIDE_TEAM}) if on else frozenset()

    def _clear(self, fault: Fault | None) -> None:
        if fault is not None:
            self._slack.faults.clear(fault)


def _strikes(fault: Fault | None) -> bool:
    return fault is not None and fault.times != 0
