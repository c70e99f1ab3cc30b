"""An invented region: its agencies, their staff, and what each of them is like. Every name is made up."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from domain.address import Address, Kind
from domain.directory import Agency, AgencyKind, Directory, Principal, Staff

PLATFORM: Final = "memory"

# id, kind, principal, whether it has a room in the chat, how readily it answers (share of its working days).
_AGENCIES: Final = (
    ("soc1", AgencyKind.SOCIAL_SERVICES, Principal.MUNICIPALITY, True, 0.75),
    ("soc2", AgencyKind.SOCIAL_SERVICES, Principal.MUNICIPALITY, True, 0.65),
    ("soc3", AgencyKind.SOCIAL_SERVICES, Principal.MUNICIPALITY, True, 0.70),
    ("vard1", AgencyKind.HEALTH_CARE, Principal.REGION, True, 0.60),
    ("vard2", AgencyKind.HEALTH_CARE, Principal.REGION, True, 0.45),
    ("vard3", AgencyKind.HEALTH_CARE, Principal.REGION, True, 0.70),
    ("vard4", AgencyKind.HEALTH_CARE, Principal.REGION, True, 0.25),
    ("skola1", AgencyKind.SCHOOL, Principal.MUNICIPALITY, True, 0.65),
    ("skola2", AgencyKind.SCHOOL, Principal.MUNICIPALITY, True, 0.50),
    ("kassan", AgencyKind.OTHER, Principal.STATE, True, 0.55),
    ("forening", AgencyKind.OTHER, Principal.VOLUNTARY, True, 0.60),
    ("polis", AgencyKind.OTHER, Principal.STATE, False, 0.0),
)
_STAFF_EACH: Final = 5
_COORDINATORS_EACH: Final = 2


@dataclass(frozen=True, slots=True)
class Region:
    """The directory, how readily each agency answers, and who of the staff can open cases."""

    directory: Directory
    readiness: dict[str, float]
    coordinators: tuple[str, ...]


class SeededIds:
    """Identifiers that are the same for the same seed, so that a year can be played again."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def code_bits(self) -> int:
        """Return 25 bits for a case code."""
        return self._chance.getrandbits(25)

    def token(self) -> str:
        """Return 32 letters and digits for an address."""
        return f"{self._chance.getrandbits(128):032x}"

    def uid(self) -> str:
        """Return a calendar identifier."""
        return f"{self._chance.getrandbits(128):032x}@exempel.invalid"


def identity(name: str) -> str:
    """Return the identity of somebody in the chat of the memory platform."""
    return f"{PLATFORM}:t0/{name}"


def name_of(staff_id: str) -> str:
    """Return what the chat calls the person behind an identity."""
    return staff_id.rpartition("/")[2]


def region() -> Region:
    """Return the region as it is on the first day of the year."""
    agencies: dict[str, Agency] = {}
    staff: dict[str, Staff] = {}
    for agency, kind, principal, chat, _ in _AGENCIES:
        manager = f"{agency}-chef"
        agencies[agency] = Agency(
            agency,
            f"Påhittad verksamhet {agency}",
            f"Enhet {len(agencies) + 1}",
            kind,
            principal,
            email=f"{agency}@exempel.invalid",
            manager=identity(manager) if chat else "",
            addresses=(Address(PLATFORM, Kind.ROOM, agency),) if chat else (),
        )
        names = [f"{agency}-{number}" for number in range(_STAFF_EACH - 1)] + [manager] if chat else []
        for number, name in enumerate(names):
            coordinates = kind is not AgencyKind.OTHER and number < _COORDINATORS_EACH
            staff[identity(name)] = Staff(
                identity(name),
                agency,
                f"Exempel {name}",
                "Handläggare",
                f"{name}@exempel.invalid",
                coordinator=coordinates,
                identities=(identity(name),),
            )
    coordinators = tuple(person.id for person in staff.values() if person.coordinator)
    readiness = {agency: ready for agency, *_, ready in _AGENCIES}
    return Region(Directory(agencies, staff), readiness, coordinators)


def without(directory: Directory, leaver: str) -> tuple[Directory, str]:
    """Return the directory when somebody has left, and the colleague of the unit who takes over."""
    gone = directory.staff[leaver]
    staff = {id_: person for id_, person in directory.staff.items() if id_ != leaver}
    heir = next(person.id for person in staff.values() if person.agency == gone.agency and person.coordinator)
    return Directory(directory.agencies, staff), heir
