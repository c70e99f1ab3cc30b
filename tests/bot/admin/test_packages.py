"""`sipbot doctor` sees when the program's packages are not its own alone."""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest

from bot.admin.doctor import examine_packages
from bot.admin.packages import PACKAGES, intruders, places_of
from tests.conftest import ROOT


def installed(folder: Path, name: str, *files: str) -> None:
    """Put a distribution with these files into a folder of installed packages."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in (*files, f"{info.name}/METADATA")))


def found(folder: Path) -> list[tuple[str, str]]:
    return list(intruders(distributions(path=[str(folder)])))


def test_all_packages_lie_below_one_folder() -> None:
    assert places_of() == dict.fromkeys(PACKAGES, ROOT)


def test_every_folder_of_the_wheel_is_looked_at() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert tuple(pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == PACKAGES


@pytest.mark.parametrize("file", ["storage/__init__.py", "storage/sub/thing.py", "templates/x.html", "bot.py"])
def test_a_distribution_that_puts_files_into_a_package_is_named(tmp_path: Path, file: str) -> None:
    installed(tmp_path, "neighbour", file, "neighbour/__init__.py")
    assert found(tmp_path) == [("neighbour", file.partition("/")[0].removesuffix(".py"))]


def test_a_distribution_of_the_older_kind_is_seen_too(tmp_path: Path) -> None:
    info = tmp_path / "neighbour-1.0.egg-info"
    info.mkdir()
    (info / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: neighbour\nVersion: 1.0\n")
    (info / "SOURCES.txt").write_text("neighbour/__init__.py\nhandlers/extra.py\n")
    assert found(tmp_path) == [("neighbour", "handlers")]


def test_files_of_such_names_deeper_down_are_nobodys_trouble(tmp_path: Path) -> None:
    installed(tmp_path, "neighbour", "neighbour/storage/__init__.py", "../../bin/bot", "domain.txt")
    assert found(tmp_path) == []


def test_the_program_does_not_intrude_into_itself(tmp_path: Path) -> None:
    installed(tmp_path, "sipbot", *(f"{name}/__init__.py" for name in PACKAGES))
    assert found(tmp_path) == []


def test_a_folder_that_is_no_package_is_not_taken_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sipbot_example_folder").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert places_of(["sipbot_example_folder"]) == {"sipbot_example_folder": None}


def test_doctor_says_that_all_is_well() -> None:
    line = examine_packages([])
    assert (line.well, line.words) == (True, f"all below {ROOT}")


def test_doctor_names_who_has_moved_in_and_the_mend(tmp_path: Path) -> None:
    installed(tmp_path, "neighbour", "storage/extra.py")
    line = examine_packages(distributions(path=[str(tmp_path)]))
    assert line.failed
    assert "neighbour has put files into storage" in line.words
    assert "environment of its own" in line.words


def test_doctor_says_where_a_package_is_found_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "storage").mkdir()
    (tmp_path / "storage" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "storage")
    line = examine_packages([])
    assert line.failed
    assert f"storage is found in {tmp_path}" in line.words
