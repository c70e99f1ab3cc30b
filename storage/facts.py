"""The plain facts of a case: what stands beside its document, so that lists and ticks find it unopened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from domain.listing import Listing, Party
from storage.encryption.address_seal import AddressReading
from storage.schema.tables import case_
from storage.sql.instants import instant_if_any, micros, micros_or_never

_NAMES = ("state", "step", "owner", "urgent_at", "open", "protected", "parties")
COLUMNS: Final = tuple(case_.c[name] for name in _NAMES)


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts as they stand in the columns of `case_` (owner sealed, parties as JSON), and when something is due."""

    columns: dict[str, Any]
    due_at: int | None

    @classmethod
    def of(cls, listing: Listing, due_at: datetime | None, addresses: AddressReading) -> Facts:
        """Return the facts that a listing says. In a closed case nobody is waited for."""
        parties = [
            (party.agency, int(party.waiting and listing.open), micros_or_never(party.urgent_at))
            for party in listing.parties
        ]
        columns = {
            "state": listing.state,
            "step": listing.step,
            "owner": addresses.seal(listing.owner),
            "urgent_at": micros_or_never(listing.urgent_at),
            "open": int(listing.open),
            "protected": int(listing.protected),
            "parties": msgspec.json.encode(parties).decode(),
        }
        return cls(columns, None if due_at is None else micros(due_at))

    @classmethod
    def read(cls, values: Iterable[Any], due_at: int | None) -> Facts:
        """Return the facts that stand in the columns `COLUMNS` of a row."""
        return cls(dict(zip(_NAMES, values, strict=True)), due_at)

    @property
    def parties(self) -> dict[str, tuple[int, int]]:
        """Each agency, whether it is waited for (1 or 0), and by when."""
        rows: list[tuple[str, int, int]] = msgspec.json.decode(self.columns["parties"])
        return {agency: (waiting, urgent_at) for agency, waiting, urgent_at in rows}

    def listing(self, addresses: AddressReading) -> Listing:
        """Return the listing that these facts say."""
        columns = self.columns
        parties = (Party(agency, bool(w), instant_if_any(at)) for agency, (w, at) in self.parties.items())
        return Listing(
            state=columns["state"],
            step=columns["step"],
            owner=addresses.open(columns["owner"]),
            urgent_at=instant_if_any(columns["urgent_at"]),
            open=bool(columns["open"]),
            protected=bool(columns["protected"]),
            parties=tuple(parties),
        )
