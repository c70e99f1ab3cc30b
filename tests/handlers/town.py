"""The people of the stories: an invented region's agencies, their staff, and their chat.

Every name, address and id here is made up.
"""

from __future__ import annotations

from dataclasses import dataclass

from demo.slack.seed import Seed
from domain.address import Address, Kind
from domain.directory import Agency, AgencyKind, Directory, Principal, Staff

TEAM, OTHER_TEAM = "T0", "open_points"


@dataclass(frozen=True, slots=True)
class Someone:
    """One member of staff; `name` is what the stories call them."""

    name: str
    real_name: str
    agency: str
    title: str
    coordinator: bool = False

    @property
    def user(self) -> str:
        return f"U0{self.name.upper()}"

    @property
    def id(self) -> str:
        return f"slack:{TEAM}/{self.user}"

    @property
    def email(self) -> str:
        return f"{self.name}@exempel.invalid"


STAFF = (
    Someone("anna", "Anna Exempelberg", "soc", "Socialsekreterare", coordinator=True),
    Someone("karin", "Karin Provdal", "soc", "Socialsekreterare", coordinator=True),
    Someone("maria", "Maria Testfalk", "soc", "Enhetschef"),
    Someone("julia", "Julia Påhittlind", "bup", "Kurator", coordinator=True),
    Someone("sven", "Sven Exempelsjö", "bup", "Psykolog"),
    Someone("birgit", "Birgit Provgren", "bup", "Enhetschef"),
    Someone("omar", "Omar Testholm", "skola", "Specialpedagog", coordinator=True),
    Someone("rikard", "Rikard Påhittdal", "skola", "Rektor"),
    Someone("pia", "Pia Exempelek", "vc", "Distriktssköterska"),
    Someone("leif", "Leif Provstrand", "fk", "Handläggare"),
)
BY_NAME = {someone.name: someone for someone in STAFF}


def _agency(name: str, title: str, alias: str, kind: AgencyKind, principal: Principal, **more: str) -> Agency:
    channel, manager = more.get("channel", ""), more.get("manager", "")
    return Agency(
        name,
        title,
        alias,
        kind,
        principal,
        email=f"{name}.brevlada@exempel.invalid",
        manager=f"slack:{TEAM}/{manager}" if manager else "",
        addresses=(Address("slack", Kind.CHANNEL, channel),) if channel else (),
    )


AGENCIES = (
    _agency("soc", "Socialtjänsten", "Enhet A", AgencyKind.SOCIAL_SERVICES,
            Principal.MUNICIPALITY, channel="C0SOC",
            manager="U0MARIA"),
    _agency("bup", "Barn- och ungdomspsykiatrin", "Enhet B", AgencyKind.HEALTH_CARE,
            Principal.REGION, channel="C0BUP",
            manager="U0BIRGIT"),
    _agency("skola", "Påhittskolan", "Enhet C", AgencyKind.SCHOOL, Principal.MUNICIPALITY, channel="C0SKOLA",
            manager="U0RIKARD"),
    # Its manager is in the chat, but not among the staff.
    _agency("vc", "Vårdcentralen Exempel", "Enhet D", AgencyKind.HEALTH_CARE, Principal.REGION, channel="C0VC",
            manager="U0VERA"),
    _agency("fk", "Försäkringskassan", "Enhet E", AgencyKind.OTHER, Principal.STATE, channel="C0FK"),
    # An agency without chat: only its mailbox is known.
    _agency("polis", "Polisen", "Enhet F", AgencyKind.OTHER, Principal.STATE),
)  # fmt: skip

CHANNELS = {address.target: agency.id for agency in AGENCIES for address in agency.addresses}


def directory() -> Directory:
    """Return the agencies and their staff."""
    staff = {
        someone.id: Staff(
            id=someone.id,
            agency=someone.agency,
            name=someone.real_name,
            title=someone.title,
            email=someone.email,
            coordinator=someone.coordinator,
            identities=(someone.id,),
        )
        for someone in STAFF
    }
    return Directory({agency.id: agency for agency in AGENCIES}, staff)


def seed() -> Seed:
    """Return the workspace: a private channel for each agency, one for all, somebody unknown, and another workspace."""
    town = Seed(("/sip",)).team(TEAM, "Exempelregionen").team(OTHER_TEAM, "Annan organisation", installed=False)
    for someone in STAFF:
        town.person(someone.user, someone.name, someone.real_name, TEAM, email=someone.email)
    town.person("U0VERA", "vera", "Vera Chefsson", TEAM)
    town.person("U0OVE", "ove", "Ove Okänd", TEAM)
    town.person("U9EVA", "eva", "Eva Utifrån", OTHER_TEAM)
    for channel, agency in CHANNELS.items():
        members = [someone.user for someone in STAFF if someone.agency == agency]
        town.channel(channel, agency, TEAM, members, private=True)
    everybody = [someone.user for someone in STAFF]
    return town.channel("C0ALLA", "alla", TEAM, [*everybody, "U0OVE"])
