"""Instants as the tables keep them: whole microseconds since 1970 in UTC.

An integer means the same to both kinds of database, sorts without knowing of zones and loses nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = 2**63 - 1  # sorts after every instant, and fits a BIGINT
_MICROSECOND = timedelta(microseconds=1)
_FIRST = (datetime.min.replace(tzinfo=UTC) - EPOCH) // _MICROSECOND
_LAST = (datetime.max.replace(tzinfo=UTC) - EPOCH) // _MICROSECOND


def micros(instant: datetime) -> int:
    """Return an aware instant as microseconds. A naive one raises TypeError."""
    return (instant - EPOCH) // _MICROSECOND


def micros_or_never(instant: datetime | None) -> int:
    """Return an instant as microseconds, and none as `NEVER`."""
    return NEVER if instant is None else (instant - EPOCH) // _MICROSECOND


def instant(value: int) -> datetime:
    """Return microseconds as an aware instant in UTC."""
    return EPOCH + timedelta(microseconds=value)


def instant_or_none(value: int | None) -> datetime | None:
    """Return microseconds as an instant; none and `NEVER` as none."""
    return None if value is None or value == NEVER else EPOCH + timedelta(microseconds=value)


def instant_if_any(value: int | None) -> datetime | None:
    """Return the same of a number that nothing proves; one that no calendar reaches is none either."""
    return EPOCH + timedelta(microseconds=value) if value is not None and _FIRST <= value <= _LAST else None
