"""Another directory: who has left a unit, or coordinates no longer, keeps no board and no list (R40; law 4D.9)."""

from __future__ import annotations

from domain.directory import Directory, Staff
from handlers import enqueue
from handlers.save import put_letters, store
from handlers.services import Services
from storage.directory import Change
from storage.transaction import Transaction

# Open cases of one person that pass on in one import; nobody has so many.
MOST_CASES = 1000


def replace_directory(services: Services, tx: Transaction, directory: Directory, actor: str) -> tuple[Change, ...]:
    """Keep another directory, and hand the boards of those who have left or moved to whoever stands in for them."""
    before = tx.directory
    changes = tx.replace_directory(directory, actor)
    for staff in before.staff.values():
        if _role(staff) != _role(tx.directory.staff.get(staff.id)):
            _pass_on(services, tx, staff.id)
    return changes


def _role(staff: Staff | None) -> tuple[str, bool] | None:
    return None if staff is None else (staff.agency, staff.coordinator)


def _pass_on(services: Services, tx: Transaction, former: str) -> None:
    for listed in tx.cases.own(former, MOST_CASES):
        case = tx.cases.get(listed.code)
        saved, _ = store(services, tx, case, case)
        board = enqueue.board(saved, tx.directory, tx.now)
        if board.args["owner"] != former:
            put_letters(tx, [board, enqueue.handed_over(saved, former, tx.directory, tx.now)])
