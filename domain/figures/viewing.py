"""Who may see which figures: a unit its own, and all together those who coordinate, manage or administer (law 4D.9)."""

from __future__ import annotations

from domain.directory import Directory, Staff
from domain.errors import NotAllowed


def units_to_see(staff: Staff, directory: Directory) -> tuple[str, ...]:
    """Return the units whose figures somebody may see: those they manage, and their own when they coordinate there."""
    managed = {unit for unit in directory.agencies if _manages(staff, unit, directory)}
    own = {staff.agency} if staff.coordinator else set()
    return tuple(unit for unit in directory.agencies if unit in managed | own)


def require_sight(staff: Staff, directory: Directory, unit: str) -> None:
    """Raise `NotAllowed` for somebody who may not see the figures of a unit, or with "" those of all together."""
    units = units_to_see(staff, directory)
    allowed = unit in units if unit else bool(units) or staff.admin
    if not allowed:
        raise NotAllowed("statistics.not_allowed")


def _manages(staff: Staff, unit: str, directory: Directory) -> bool:
    manager = directory.manager_of(unit)
    return manager is not None and manager.id == staff.id
