"""Are the program's packages its own? Their names are plain words, so another distribution may use one of them too."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("bot", "demo", "domain", "handlers", "storage", "templates")
DISTRIBUTION = "sipbot"


def places_of(packages: Iterable[str] = PACKAGES) -> dict[str, Path | None]:
    """Return the folder that each package is found in, None for one that is not found or is no package of ours."""
    return {name: _place_of(name) for name in packages}


def _place_of(package: str) -> Path | None:
    spec = find_spec(package)
    # A folder without an __init__.py has no origin: Python makes it a package of whatever folders bear its name.
    return None if spec is None or spec.origin is None else Path(spec.origin).resolve().parent.parent


def intruders(distributions: Iterable[Distribution], packages: Iterable[str] = PACKAGES) -> Iterator[tuple[str, str]]:
    """Yield each other distribution that has put files into one of the packages: its name, and the package's."""
    ours = frozenset(packages)
    for distribution in distributions:
        taken = ours.intersection(_top_names(distribution))
        if taken and distribution.name != DISTRIBUTION:
            yield from ((distribution.name, package) for package in sorted(taken))


def _top_names(distribution: Distribution) -> Iterator[str]:
    """Yield the name of each package and module that a distribution has put files into.

    The list of its files is read as text: `Distribution.files` makes a path of each, thousands, which took doctor
    four tenths of a second.
    """
    rows = csv.reader((distribution.read_text("RECORD") or "").splitlines())
    paths = [row[0] for row in rows if row] or [str(file) for file in distribution.files or ()]
    for path in paths:
        first, below, _ = path.partition("/")
        if below:
            yield first
        elif first.endswith(".py"):
            yield first.removesuffix(".py")
