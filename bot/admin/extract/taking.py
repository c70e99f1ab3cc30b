"""Taking an extract of a case: that it was taken is a line of the journal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.admin.database import OPERATOR, WAIT, code_of, opened_existing
from bot.settings import Settings
from domain.directory import Directory
from domain.errors import NotFound
from storage.export import export_case
from storage.transaction import Transaction


def extract_as_json(settings: Settings, typed: str) -> str:
    """Return all that is held on the case whose code was typed, as JSON.

    Raises:
        LookupError: no such case, or a code that was mistyped.
    """
    code = code_of(typed)
    database = opened_existing(settings)
    try:
        found = database.write(lambda tx: taken(tx, code)).result(WAIT)
    except NotFound as missing:
        raise LookupError(f"there is no case {code}") from missing
    finally:
        database.close()
    return json.dumps(found, ensure_ascii=False, indent=2, default=str)


def taken(tx: Transaction, code: str) -> dict[str, Any]:
    """Return all that is held on a case, with the names of those who occur in it.

    That it was taken is a line of its journal, as any other reading (law 4C); of an erased case, too.

    Raises:
        NotFound: nothing is held under this code (`case.unknown`).
    """
    found = export_case(tx, code)
    state = tx.cases.get(code).state.value if tx.cases.exists(code) else ""
    tx.journal.write(code, "case.exported", OPERATOR, before=state, after=state)
    return {**found, "names": _names(found, tx.directory)}


def _names(held: Mapping[str, Any], directory: Directory) -> dict[str, dict[str, str]]:
    """Return what agencies and staff are called who occur, by the ids under which they do."""
    told = frozenset(_texts(held))
    # The address of somebody in chat is their id with a word in it.
    people = {text.replace(":person:", ":", 1) for text in told} | told
    return {
        "agencies": {id_: agency.name for id_, agency in directory.agencies.items() if id_ in told},
        "staff": {id_: staff.name for id_, staff in directory.staff.items() if id_ in people},
    }


def _texts(held: Any) -> Iterator[str]:
    if isinstance(held, str):
        yield held
    elif isinstance(held, Mapping):
        for name, value in held.items():
            yield str(name)
            yield from _texts(value)
    elif isinstance(held, (list, tuple)):
        for value in held:
            yield from _texts(value)
