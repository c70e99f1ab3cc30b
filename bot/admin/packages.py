"""Are the program's packages its own? Their names are plain words, so another distribution may use one of them too."""

from __future__ import annotations

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
        name = distribution.name
        if name != DISTRIBUTION:
            folders = {file.parts[0] for file in distribution.files or () if len(file.parts) > 1}
            modules = {file.stem for file in distribution.files or () if len(file.parts) == 1 and file.suffix == ".py"}
            yield from ((name, package) for package in sorted(ours & (folders | modules)))
