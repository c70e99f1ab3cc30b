"""Troubles on the way to Slack, switched on by a test or by whoever runs the demo."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

FaultKind = Literal["rate_limited", "server_error", "delay", "drop_before", "drop_after", "malformed"]


@dataclass(slots=True)
class Fault:
    """One trouble and the calls it strikes.

    `method` and `channel` narrow it down (`None`: all), `times` says how often (`None`: until cleared),
    `fraction` how likely. `accepted` on a server error: the call had its effect before the error came.
    """

    kind: FaultKind
    method: str | None = None
    channel: str | None = None
    times: int | None = 1
    fraction: float = 1.0
    retry_after: int = 1
    status: int = 503
    seconds: float = 0.0
    accepted: bool = False

    def strikes(self, method: str, channel: str | None) -> bool:
        """Tell whether a call is one of those this trouble is meant for."""
        return self.method in (None, method) and self.channel in (None, channel) and self.times != 0

    @property
    def after_effect(self) -> bool:
        """Tell whether the call takes effect before the trouble strikes."""
        return self.kind in ("drop_after", "malformed") or self.accepted


class Faults:
    """The troubles in force. Response URLs go by the name `response_url`, uploads by `files.upload`."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)  # noqa: S311 - it decides which calls fail, not who gets in
        self._held: list[Fault] = []

    @property
    def in_force(self) -> bool:
        """Say whether there is any trouble."""
        return bool(self._held)

    def add(self, fault: Fault) -> Fault:
        """Put a trouble in force."""
        self._held.append(fault)
        return fault

    def rate_limited(self, method: str | None = None, *, times: int | None = 1, retry_after: int = 1) -> Fault:
        """Answer 429 with this Retry-After."""
        return self.add(Fault("rate_limited", method, times=times, retry_after=retry_after))

    def server_error(
        self,
        method: str | None = None,
        *,
        times: int | None = 1,
        status: int = 503,
        accepted: bool = False,
    ) -> Fault:
        """Answer with a status of 5xx, before or after the call had its effect."""
        return self.add(Fault("server_error", method, times=times, status=status, accepted=accepted))

    def delay(self, seconds: float, method: str | None = None, *, times: int | None = 1) -> Fault:
        """Take this long before doing anything."""
        return self.add(Fault("delay", method, times=times, seconds=seconds))

    def drop_before(self, method: str | None = None, *, times: int | None = 1) -> Fault:
        """Close the connection without having done anything."""
        return self.add(Fault("drop_before", method, times=times))

    def drop_after(self, method: str | None = None, *, times: int | None = 1) -> Fault:
        """Do it and close the connection without an answer."""
        return self.add(Fault("drop_after", method, times=times))

    def malformed(self, method: str | None = None, *, times: int | None = 1) -> Fault:
        """Do it and answer with broken JSON."""
        return self.add(Fault("malformed", method, times=times))

    def outage(self) -> Fault:
        """Answer every call with 503 until `clear`."""
        return self.add(Fault("server_error", times=None))

    def clear(self, fault: Fault | None = None) -> None:
        """End one trouble, or all."""
        self._held = [held for held in self._held if fault is not None and held is not fault]

    def take(self, method: str, channel: str | None) -> list[Fault]:
        """Return the troubles that strike this call, counted down: all delays and the first other one."""
        struck: list[Fault] = []
        ending = False
        for fault in self._held:
            if not fault.strikes(method, channel) or (ending and fault.kind != "delay"):
                continue
            if fault.fraction < 1 and self._random.random() >= fault.fraction:
                continue
            if fault.times is not None:
                fault.times -= 1
            struck.append(fault)
            ending = ending or fault.kind != "delay"
        return struck
