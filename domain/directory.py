"""The directory (katalog): which agencies there are, who works there, and where they are reached."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from domain.address import Address
from domain.errors import NotFound


class AgencyKind(StrEnum):
    """What an agency does; with the region's profile it decides who must attend (R114-R117)."""

    SOCIAL_SERVICES = "social_services"
    HEALTH_CARE = "health_care"
    SCHOOL = "school"
    OTHER = "other"


class Principal(StrEnum):
    """The agency's principal (huvudman)."""

    MUNICIPALITY = "municipality"
    REGION = "region"
    STATE = "state"
    PRIVATE = "private"
    VOLUNTARY = "voluntary"


@dataclass(frozen=True, slots=True)
class Agency:
    """One unit that can be summoned.

    `alias` is the neutral name for calendars, where the real one could reveal health data. `manager` is the identity
    of who hears of what stays unanswered. `addresses` are the agency's own channels and rooms, the one that is used
    first; at most one a platform.
    """

    id: str
    name: str
    alias: str
    kind: AgencyKind
    principal: Principal
    email: str = ""
    manager: str = ""
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Staff:
    """One member of staff. `id` is the first identity that they were entered with, and stays when identities change.

    An identity is platform, team and user (`chat:T0/U0ANNA`): never the user alone, which another team may
    reuse. `deputy` is the identity of a colleague at the same agency, who stands in for them while they are away;
    `away_until` is when they are back (UTC), and none while they are there.
    """

    id: str
    agency: str
    name: str
    title: str = ""
    email: str = ""
    coordinator: bool = False
    admin: bool = False
    identities: tuple[str, ...] = ()
    deputy: str = ""
    away_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """All agencies and staff, by id, in the order in which they were entered. `away` are those who are away now."""

    agencies: Mapping[str, Agency] = field(default_factory=dict)
    staff: Mapping[str, Staff] = field(default_factory=dict)
    _by_identity: Mapping[str, Staff] = field(init=False, repr=False, compare=False)
    away: tuple[Staff, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Shut the mappings, and turn the staff over by identity."""
        by_identity = {identity: person for person in self.staff.values() for identity in person.identities}
        object.__setattr__(self, "agencies", MappingProxyType(dict(self.agencies)))
        object.__setattr__(self, "staff", MappingProxyType(dict(self.staff)))
        object.__setattr__(self, "_by_identity", MappingProxyType(by_identity))
        object.__setattr__(self, "away", tuple(p for p in self.staff.values() if p.away_until is not None))

    def agency(self, agency: str) -> Agency:
        """Return the agency with this id.

        Raises:
            NotFound: there is none (`directory.agency_unknown`).
        """
        try:
            return self.agencies[agency]
        except KeyError:
            raise NotFound("directory.agency_unknown", {"agency": agency}) from None

    def by_identity(self, identity: str) -> Staff | None:
        """Return the member of staff who uses this identity, if anybody does."""
        return self._by_identity.get(identity)

    def picked(self, identity: str) -> str:
        """Return the identity that the directory has of somebody who was picked from a list of people.

        One organisation may have several workspaces (`chat:T0/U0ANNA`, `chat:T1/U0ANNA`): whoever picks sees the person
        in their own. Picking admits nobody to anything, so the user alone will do where just one member of staff has
        it; who acts must be known by both.
        """
        if identity in self._by_identity:
            return identity
        platform, _, place = identity.partition(":")
        user = place.partition("/")[2]
        known = (one for one in self._by_identity if user and one.startswith(f"{platform}:"))
        found = {self._by_identity[one].id: one for one in known if one.partition("/")[2] == user}
        return next(iter(found.values())) if len(found) == 1 else identity

    def without(self, identities: frozenset[str]) -> Directory:
        """Return the directory without these identities; who has no other is not among the staff any more."""
        kept = (
            replace(
                p,
                identities=tuple(i for i in p.identities if i not in identities),
                deputy="" if p.deputy in identities else p.deputy,
            )
            for p in self.staff.values()
        )
        units = (replace(u, manager="" if u.manager in identities else u.manager) for u in self.agencies.values())
        return Directory({u.id: u for u in units}, {p.id: p for p in kept if p.identities})

    def staff_of(self, agency: str) -> tuple[Staff, ...]:
        """Return the staff of one agency."""
        return tuple(person for person in self.staff.values() if person.agency == agency)

    def manager_of(self, agency: str) -> Staff | None:
        """Return the agency's manager, if the directory knows them as staff (of whichever agency)."""
        return self.by_identity(self.agency(agency).manager)

    def stand_in_for(self, staff: Staff | str) -> Staff | None:
        """Return who stands in today for somebody who is away: their deputy, or else their agency's manager.

        For a deputy who is away too it is that one's deputy. Nobody stands in for who is there, nor for whom nobody is
        left to.
        """
        person = staff if isinstance(staff, Staff) else self.staff.get(staff)
        if person is None or person.away_until is None:
            return None
        found = self.deputy_for(person)
        if found is None and person.agency in self.agencies:
            found = self.manager_of(person.agency)
        return found if found is not None and found.id != person.id and found.away_until is None else None

    def deputy_for(self, staff: Staff | str) -> Staff | None:
        """Return the colleague whom the directory names to stand in today for somebody who is away, if one is there."""
        person = staff if isinstance(staff, Staff) else self.staff.get(staff)
        if person is None or person.away_until is None:
            return None
        seen, found = {person.id}, self._deputy_of(person)
        while found is not None and found.away_until is not None and found.id not in seen:
            seen.add(found.id)
            found = self._deputy_of(found)
        return found if found is not None and found.id != person.id and found.away_until is None else None

    def _deputy_of(self, staff: Staff) -> Staff | None:
        deputy = self.by_identity(staff.deputy) if staff.deputy else None
        return deputy if deputy is not None and deputy.agency == staff.agency else None

    def identities_at(self, places: Collection[Address]) -> frozenset[str]:
        """Return the identities of those who belong into a room that has these addresses.

        They are the staff and the managers of the agencies whose room it is, each by every identity they have there.
        """
        units = [unit for unit in self.agencies.values() if any(place in unit.addresses for place in places)]
        identities = [unit.manager for unit in units]
        identities += [own for unit in units for who in self.staff_of(unit.id) for own in who.identities]
        platforms = tuple(f"{place.platform}:" for place in places)
        return frozenset(own for own in identities if own.startswith(platforms))

    def address_of_agency(self, agency: str) -> str:
        """Return the agency's own channel or room (`chat:channel:C0SOC`), or "" where it has none."""
        return str(next(iter(self.agency(agency).addresses), ""))

    def address_of(self, staff: Staff | str) -> str:
        """Return where one person is written to alone (`chat:person:T0/U0ANNA`).

        A staff id that has left the directory still gives an address, as it is an identity itself.
        """
        person = staff if isinstance(staff, Staff) else self.staff.get(staff)
        return str(Address.of_person(str(staff) if person is None else next(iter(person.identities), person.id)))

    def address_today(self, staff: Staff | str) -> str:
        """Return where somebody is told of what waits for them today: alone, or by whoever stands in for them."""
        stand_in = self.stand_in_for(staff)
        return self.address_of(staff if stand_in is None else stand_in)

    def address_of_manager(self, agency: str) -> str:
        """Return where the agency's manager is written to alone, or "" when there is no manager.

        A manager need not be among the staff. While they are away it is their deputy, if that one is of the agency.
        """
        manager = self.agency(agency).manager
        if not manager:
            return ""
        known = self.by_identity(manager)
        if known is None:
            return str(Address.of_person(manager))
        stand_in = self.stand_in_for(known)
        return self.address_of(known if stand_in is None or stand_in.agency != agency else stand_in)
