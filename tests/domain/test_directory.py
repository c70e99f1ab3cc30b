"""The directory: who works where, who answers for what stays unanswered, and where each is reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.address import Address
from domain.directory import Agency, AgencyKind, Directory, Principal, Staff
from domain.errors import NotFound


def agency(key: str, *addresses: str, manager: str = "") -> Agency:
    return Agency(
        key,
        f"Enheten {key}",
        "Enhet A",
        AgencyKind.SCHOOL,
        Principal.MUNICIPALITY,
        manager=manager,
        addresses=tuple(Address.parse(address) for address in addresses),
    )


def person(identity: str, unit: str, *others: str) -> Staff:
    return Staff(identity, unit, "Anna Berg", identities=(identity, *others))


def directory(*parts: Agency | Staff) -> Directory:
    return Directory(
        {part.id: part for part in parts if isinstance(part, Agency)},
        {part.id: part for part in parts if isinstance(part, Staff)},
    )


ANNA = person("slack:T0/U0ANNA", "soc", "matrix:@anna:example.se")


def test_a_person_is_known_by_each_of_their_identities_and_by_no_part_of_one() -> None:
    known = directory(agency("soc"), ANNA)
    assert known.by_identity("slack:T0/U0ANNA") == ANNA
    assert known.by_identity("matrix:@anna:example.se") == ANNA
    assert known.by_identity("slack:T9/U0ANNA") is None
    assert known.by_identity("U0ANNA") is None


def test_staff_are_listed_by_agency_in_the_order_of_the_file() -> None:
    others = [person(f"slack:T0/U{n}", "soc" if n % 2 else "bup") for n in range(4)]
    known = directory(agency("soc"), agency("bup"), *others)
    assert known.staff_of("soc") == (others[1], others[3])


def test_an_unknown_agency_is_not_found() -> None:
    with pytest.raises(NotFound) as missing:
        directory().agency("soc")
    assert missing.value.key == "directory.agency_unknown"


def test_a_directory_cannot_be_changed_from_outside() -> None:
    agencies = {"soc": agency("soc")}
    known = Directory(agencies)
    agencies.clear()
    assert list(known.agencies) == ["soc"]


# ---- managers ------------------------------------------------------------------------------------------------


def test_a_manager_is_found_by_their_identity_alone() -> None:
    foreign, own = person("slack:T9/U0CHEF", "region"), person("slack:T0/U0CHEF", "ledning")
    known = directory(agency("soc", manager="slack:T0/U0CHEF"), agency("region"), agency("ledning"), foreign, own)
    assert known.manager_of("soc") == own
    assert known.address_of_manager("soc") == "slack:person:T0/U0CHEF"


def test_a_user_of_another_team_with_the_same_name_is_never_the_manager() -> None:
    foreign = person("slack:T9/U0CHEF", "region")
    known = directory(agency("soc", manager="slack:T0/U0CHEF"), agency("region"), foreign)
    assert known.manager_of("soc") is None
    assert known.address_of_manager("soc") == "slack:person:T0/U0CHEF"


def test_a_manager_who_is_staff_is_reached_at_their_first_identity() -> None:
    known = directory(agency("soc", manager="matrix:@anna:example.se"), ANNA)
    assert known.address_of_manager("soc") == "slack:person:T0/U0ANNA"


def test_where_there_is_no_manager_nobody_is_written_to() -> None:
    known = directory(agency("soc"), ANNA)
    assert known.manager_of("soc") is None
    assert known.address_of_manager("soc") == ""


# ---- addresses -----------------------------------------------------------------------------------------------


def test_an_agency_is_reached_at_its_first_address() -> None:
    known = directory(
        agency("soc", "slack:channel:C0SOC", "matrix:room:!a:example.se"),
        agency("bup", "matrix:room:!b:example.se"),
        agency("skola"),
    )
    assert known.address_of_agency("soc") == "slack:channel:C0SOC"
    assert known.address_of_agency("bup") == "matrix:room:!b:example.se"
    assert known.address_of_agency("skola") == ""


def test_a_person_is_reached_at_their_first_identity() -> None:
    known = directory(agency("soc"), ANNA)
    assert known.address_of(ANNA) == known.address_of(ANNA.id) == "slack:person:T0/U0ANNA"
    moved = Staff("slack:T0/U0ANNA", "soc", "Anna Berg", identities=("slack:T1/U9ANNA",))
    assert directory(agency("soc"), moved).address_of("slack:T0/U0ANNA") == "slack:person:T1/U9ANNA"


def test_somebody_who_has_left_is_still_reached_by_their_id() -> None:
    assert directory().address_of("slack:T0/U0ANNA") == "slack:person:T0/U0ANNA"


def test_who_is_picked_is_found_in_whichever_workspace_and_who_acts_is_not() -> None:
    kim = Staff("chat:T0/U0KIM", "soc", "Kim Exempel", identities=("chat:T0/U0KIM",))
    bo = Staff("chat:T0/U0BO", "soc", "Bo Exempel", identities=("chat:T0/U0BO", "chat:T1/U0BO"))
    other = Staff("chat:T7/U0BO", "soc", "Bo Annan", identities=("chat:T7/U0BO",))
    known = Directory({}, {one.id: one for one in (kim, bo)})
    assert known.picked("chat:T5/U0KIM") == "chat:T0/U0KIM"
    assert known.by_identity("chat:T5/U0KIM") is None
    assert known.picked("chat:T1/U0BO") == "chat:T1/U0BO"
    assert known.by_identity(known.picked("chat:T5/U0BO")) == bo
    for nobody in ("chat:T0/U0NOBODY", "talk:T5/U0KIM", "chat:@kim:example.se", "chat:T0/", "chat:", ""):
        assert known.by_identity(known.picked(nobody)) is None
    two = Directory({}, {one.id: one for one in (bo, other)})
    assert two.picked("chat:T5/U0BO") == "chat:T5/U0BO", "two people of one name in different places: nobody is guessed"
    assert two.picked("chat:T7/U0BO") == "chat:T7/U0BO"


# ---- away ----------------------------------------------------------------------------------------------------------

BACK = datetime(2026, 12, 3, tzinfo=UTC)
BO, CILLA = person("slack:T0/U0BO", "soc"), person("slack:T0/U0CILLA", "soc")


def away(who: Staff, deputy: str = "") -> Staff:
    return replace(who, deputy=deputy, away_until=BACK)


def stand_in(*staff: Staff, manager: str = "") -> str:
    """Return who stands in for the first of them."""
    known = directory(agency("soc", manager=manager), agency("bup"), *staff)
    found = known.stand_in_for(staff[0])
    return "" if found is None else found.id


def test_r40_the_deputy_stands_in_while_somebody_is_away_and_not_before() -> None:
    assert stand_in(away(ANNA, BO.id), BO) == BO.id
    assert stand_in(replace(ANNA, deputy=BO.id), BO) == ""


def test_r40_for_a_deputy_who_is_away_too_theirs_stands_in_and_at_last_the_manager() -> None:
    assert stand_in(away(ANNA, BO.id), away(BO, CILLA.id), CILLA) == CILLA.id
    assert stand_in(away(ANNA, BO.id), away(BO), CILLA, manager=CILLA.id) == CILLA.id
    assert stand_in(away(ANNA), BO, manager=BO.id) == BO.id


def test_nobody_stands_in_where_all_are_away_in_a_circle_or_the_manager_is_the_one() -> None:
    assert stand_in(away(ANNA, BO.id), away(BO, ANNA.id)) == ""
    assert stand_in(away(ANNA), manager=ANNA.id) == ""


def test_a_deputy_who_has_gone_to_another_agency_stands_in_no_longer() -> None:
    """Law 4D.9."""
    assert stand_in(away(ANNA, BO.id), replace(BO, agency="bup")) == ""


def test_who_is_away_is_reached_where_the_one_who_stands_in_is_and_a_manager_too() -> None:
    known = directory(agency("soc", manager=ANNA.id), away(ANNA, BO.id), BO)
    assert known.address_today(ANNA.id) == known.address_of(BO) == known.address_of_manager("soc")
    assert known.address_of(ANNA.id) == "slack:person:T0/U0ANNA"


def test_of_another_agencys_manager_no_deputy_hears_in_their_place() -> None:
    """Law 4D.3: who manages two agencies has a deputy at one of them alone."""
    known = directory(agency("bup", manager=ANNA.id), agency("soc"), away(ANNA, BO.id), BO)
    assert known.address_of_manager("bup") == known.address_of(ANNA)
