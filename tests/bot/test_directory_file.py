"""The directory file: what stands in it becomes addresses and identities, and what nobody could mean is a fault."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from bot.admin.directory_file import BadDirectory, check_directory, read_directory
from bot.admin.directory_writing import written
from bot.profile_file import BadProfile, read_profile
from domain.directory import Directory

AGENCY = '[[agency]]\nid = "{}"\nname = "Påhittsenheten"\nkind = "school"\nprincipal = "municipality"\n{}\n'
STAFF = '[[agency.staff]]\nname = "Kim Exempel"\n{}\n'

Read = Callable[..., Directory]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(*parts: str) -> Directory:
        path = tmp_path / "directory.toml"
        path.write_text("".join(parts), encoding="utf-8")
        return read_directory(path)

    return reading


def unit(key: str, *lines: str) -> str:
    return AGENCY.format(key, "\n".join(lines))


def staff(*lines: str) -> str:
    return STAFF.format("\n".join(lines))


def test_a_channel_and_a_room_become_addresses_the_channel_first(read: Read) -> None:
    known = read(unit("soc", 'matrix_room = "!a:example.se"', 'slack_channel = "C0SOC"'), unit("bup"))
    assert [str(address) for address in known.agencies["soc"].addresses] == [
        "slack:channel:C0SOC",
        "matrix:room:!a:example.se",
    ]
    assert known.agencies["bup"].addresses == ()


@pytest.mark.parametrize("line", ['slack_channel = "C0SOC"', 'matrix_room = "!a:example.se"'])
def test_two_agencies_share_no_channel_or_room(read: Read, line: str) -> None:
    with pytest.raises(BadDirectory, match="is used twice"):
        read(unit("soc", line), unit("bup", line))


@pytest.mark.parametrize(
    "manager, identity",
    [
        ("T7/U0CHEF", "slack:T7/U0CHEF"),
        ("@chef:example.se", "matrix:@chef:example.se"),
        ("U0CHEF", "slack:T0/U0CHEF"),
        ("", ""),
    ],
)
def test_a_manager_becomes_an_identity(read: Read, manager: str, identity: str) -> None:
    known = read(unit("soc", f'manager = "{manager}"'), staff('slack = "T0/U0ANNA"'))
    assert known.agencies["soc"].manager == identity


def test_a_user_alone_is_of_the_agencys_own_team_and_never_of_another(read: Read) -> None:
    """Another organisation's workspace may hold a user of the same name: they must hear of nothing."""
    elsewhere = unit("region") + staff('slack = "T9/U0CHEF"')
    known = read(elsewhere, unit("soc", 'manager = "U0CHEF"'), staff('slack = "T0/U0ANNA"'))
    assert known.agencies["soc"].manager == "slack:T0/U0CHEF"
    assert known.manager_of("soc") is None


def test_of_several_teams_the_one_where_the_agencys_own_staff_has_that_user(read: Read) -> None:
    people = staff('slack = "T0/U0ANNA"') + staff('slack = "T1/U0CHEF"')
    assert read(unit("soc", 'manager = "U0CHEF"'), people).agencies["soc"].manager == "slack:T1/U0CHEF"


def test_an_agency_without_staff_takes_the_only_team_of_the_file(read: Read) -> None:
    known = read(unit("soc", 'manager = "U0CHEF"'), unit("bup"), staff('slack = "T0/U0BO"'))
    assert known.agencies["soc"].manager == "slack:T0/U0CHEF"


@pytest.mark.parametrize(
    "parts",
    [
        (unit("soc", 'manager = "U0CHEF"'),),
        (unit("soc", 'manager = "U0CHEF"'), staff('slack = "T0/U0A"'), staff('slack = "T1/U0B"')),
        (unit("soc", 'manager = "U0CHEF"'), unit("a"), staff('slack = "T0/U0A"'), staff('slack = "T1/U0B"')),
    ],
)
def test_a_user_whose_team_nobody_can_tell_is_a_fault_with_its_mend(read: Read, parts: tuple[str, ...]) -> None:
    with pytest.raises(BadDirectory, match='write it as "T0123/U0CHEF"'):
        read(*parts)


def test_a_manager_that_is_no_user_is_a_fault(read: Read) -> None:
    with pytest.raises(BadDirectory, match="manager takes a user"):
        read(unit("soc", 'manager = "Maria"'), staff('slack = "T0/U0ANNA"'))


@pytest.mark.parametrize(
    "line, fault",
    [
        ('email = "ingen adress"', "no mail address"),
        ('email = "a@exempel.invalid\\r\\nBcc: b@exempel.invalid"', "no mail address"),
        ('alias = "Enhet\\nA"', "line end"),
        ('alias = "Enhet \\u202eA"', "nobody sees"),
        ('alias = "' + "x" * 200 + '"', "longer than"),
    ],
)
def test_what_could_end_a_header_or_a_row_is_no_directory(read: Read, line: str, fault: str) -> None:
    with pytest.raises(BadDirectory, match=fault):
        read(unit("soc", line))


def test_a_personal_number_in_the_directory_is_refused_as_wherever_else_it_is_typed(read: Read) -> None:
    """Law 4D.2: what stands there is shown to every agency. A telephone number of the unit is nobody's secret."""
    for parts in (
        (unit("soc", 'alias = "Enhet 19121212-1212"'),),
        (unit("soc"), staff('slack = "T0/U0KIM"', 'title = "Kurator 19121212-1212"')),
    ):
        with pytest.raises(BadDirectory, match="holds a personal number; take it out") as wrong:
            read(*parts)
        assert "1212-1212" not in str(wrong.value)
    read(unit("soc"), staff('slack = "T0/U0KIM"', 'title = "Kurator, 08-123 45 67"'))


def test_a_member_of_staff_has_a_name_and_a_mail_address_that_is_one(read: Read) -> None:
    with pytest.raises(BadDirectory, match="no mail address"):
        read(unit("soc"), staff('slack = "T0/U0KIM"', 'email = "kim"'))


@pytest.mark.parametrize("text", ["", "agency = []", "agency = {}"])
def test_a_file_without_an_agency_is_a_slip_and_not_the_wish_to_remove_everybody(read: Read, text: str) -> None:
    with pytest.raises(BadDirectory, match="an agency begins with a line"):
        read(text)


def test_somebody_in_several_workspaces_of_one_grid_has_an_identity_in_each(read: Read, tmp_path: Path) -> None:
    known = read(unit("soc"), staff('slack = "T0/U0KIM"', 'slack_teams = ["T1", "E9"]', 'matrix = "@kim:example.se"'))
    (kim,) = known.staff.values()
    assert kim.id == "slack:T0/U0KIM"
    assert kim.identities == ("slack:T0/U0KIM", "slack:T1/U0KIM", "slack:E9/U0KIM", "matrix:@kim:example.se")
    again = tmp_path / "again.toml"
    again.write_text(written(known), encoding="utf-8")
    assert read_directory(again) == known


@pytest.mark.parametrize(
    "lines, wrong",
    [
        (('slack = "T0/U0KIM"', 'slack_teams = ["T0"]'), "names a workspace twice"),
        (('slack = "T0/U0KIM"', 'slack_teams = ["T1", "T1"]'), "names a workspace twice"),
        (('slack = "T0/U0KIM"', 'slack_teams = ["T1/U0KIM"]'), "the other workspaces of the same Grid"),
        (('matrix = "@kim:example.se"', 'slack_teams = ["T1"]'), "beside slack"),
    ],
)
def test_what_names_no_other_workspace_is_a_fault(read: Read, lines: tuple[str, ...], wrong: str) -> None:
    with pytest.raises(BadDirectory, match=wrong):
        read(unit("soc"), staff(*lines))


def test_an_identity_in_another_workspace_is_nobody_elses(read: Read) -> None:
    with pytest.raises(BadDirectory, match="stands elsewhere in the file too"):
        read(unit("soc"), staff('slack = "T0/U0KIM"', 'slack_teams = ["T1"]'), staff('slack = "T1/U0KIM"'))


ANNA, BO = 'slack = "T0/U0ANNA"', 'slack = "T0/U0BO"'


def test_a_deputy_becomes_an_identity_and_is_written_as_it_was(read: Read, tmp_path: Path) -> None:
    """R40."""
    known = read(unit("soc"), staff(ANNA, 'deputy = "T0/U0BO"'), staff(BO))
    assert known.staff["slack:T0/U0ANNA"].deputy == "slack:T0/U0BO"
    (tmp_path / "again.toml").write_text(written(known), encoding="utf-8")
    assert read_directory(tmp_path / "again.toml") == known


@pytest.mark.parametrize(
    "parts, wrong",
    [
        ((unit("soc"), staff(ANNA, 'deputy = "T0/U0EVA"')), "none of this agency's staff"),
        ((unit("soc"), staff(ANNA, 'deputy = "T0/U0BO"'), unit("bup"), staff(BO)), "none of this agency's staff"),
        ((unit("soc"), staff(ANNA, 'deputy = "T0/U0ANNA"')), "the person themselves"),
        ((unit("soc"), staff(ANNA, 'deputy = "T0/U0BO"'), staff(BO, 'deputy = "T0/U0ANNA"')), "in a circle"),
    ],
)
def test_a_deputy_is_another_of_the_same_agency_and_in_no_circle(
    read: Read, parts: tuple[str, ...], wrong: str
) -> None:
    with pytest.raises(BadDirectory, match=wrong):
        read(*parts)


def test_a_file_is_read_whatever_program_wrote_it(tmp_path: Path) -> None:
    """Some put a mark of the byte order before the first line, and some take letters such as Å apart."""
    plain, apart = tmp_path / "plain.toml", tmp_path / "apart.toml"
    plain.write_text(unit("soc"), encoding="utf-8")
    apart.write_text(unicodedata.normalize("NFD", unit("soc")), encoding="utf-8-sig")
    assert apart.read_bytes() != plain.read_bytes()
    assert read_directory(apart) == read_directory(plain)
    profile = files("bot").joinpath("profiles", "gotland.toml").read_text(encoding="utf-8")
    apart.write_text(unicodedata.normalize("NFD", profile), encoding="utf-8-sig")
    assert read_profile(str(apart)) == read_profile("gotland")


@pytest.mark.parametrize("line", [f"a = {'[' * 5000}{']' * 5000}", f"a = {'9' * 5000}"], ids=["nested", "number"])
def test_what_nobody_can_read_is_refused_in_words(tmp_path: Path, line: str) -> None:
    path = tmp_path / "endless.toml"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(BadDirectory, match="too"):
        read_directory(path)
    with pytest.raises(BadProfile, match="too"):
        read_profile(str(path))


@pytest.mark.parametrize(
    "field, text, named",
    [
        ("name", "Barn  och UNGA", ("name",)),
        ("alias", "Enhet B", ("alias",)),
        ("alias", "barn och unga", ("alias",)),
        ("alias", "Enhet C", ()),
    ],
)
def test_two_agencies_that_nobody_could_tell_apart_are_named(
    tmp_path: Path, field: str, text: str, named: tuple[str, ...]
) -> None:
    """In a form the one is chosen for the other, and the summons then tells a unit of a case that is none of theirs."""
    one = {"name": "Barn och unga", "alias": "Enhet B"}
    other = {"name": "Skolan", "alias": "Enhet D", field: text}
    rows = [
        f'[[agency]]\nid = "{key}"\nname = "{said["name"]}"\nalias = "{said["alias"]}"\n'
        'kind = "school"\nprincipal = "municipality"\n'
        for key, said in (("bup", one), ("skola", other))
    ]
    path = tmp_path / "directory.toml"
    path.write_text("".join(rows), encoding="utf-8")
    told = [note for note in check_directory(path).notes if "tell them apart" in note]
    assert len(told) == len(named)
    for note, which in zip(told, named, strict=True):
        assert note.startswith(f"line {9 if which == 'name' else 10}, agency 'skola': {which} ")
