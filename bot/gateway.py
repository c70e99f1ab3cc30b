"""The gateway: brings what platforms hand in to the handlers, in one write transaction, and errors back as answers."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from bot.background import Background
from bot.error_log import report
from domain.errors import SipError
from handlers import dispatch, open_forms
from handlers.services import Services
from handlers.ui.events import Act, Change, Event, HomeOpened, Submit
from handlers.ui.responses import Failed, Mend, Response, Silence, Unchanged
from storage.engine.database import Database
from storage.transaction import Transaction

_logger = logging.getLogger(__name__)

#: Seconds: a signed request may be five minutes old, or its time stamp five minutes ahead.
LIFETIME: Final = 600.0
#: The most that are kept; the oldest goes first.
MOST: Final = 10_000

_AGAIN: Final = 1.0


class Gateway:
    """Answers everything that people do. It is committed before the answer leaves; then the courier is woken."""

    def __init__(self, database: Database, services: Services, wake: Callable[[], None]) -> None:
        self._database = database
        self._services = services
        self._wake = wake
        self._owed = OwedNotes(database)

    async def __call__(self, incoming: Event) -> Response:
        """Return the answer to one arrival; what fails becomes `Failed`, and nobody else apologises.

        Raises:
            Exception: a home page could not be handled. Nobody waits for words there, so the platform tells again.
        """
        if isinstance(incoming, Change):
            return await self._anew(incoming)
        reference = secrets.token_hex(3).upper()
        try:
            answer = await self._answer(incoming, reference)
        except Exception as error:
            if isinstance(incoming, HomeOpened):
                raise
            report(_logger, "the gateway failed", error, reference=reference, kind=_kind(incoming))
            self._owed.add(dispatch.name_of(incoming))
            return Failed(reference)
        self._wake()
        return answer

    async def stop(self, seconds: float = 1.0) -> None:
        """Note what failed and is not noted yet, for so long; what the database does not take is lost."""
        await self._owed.stop(seconds)

    async def _anew(self, change: Change) -> Response:
        """Return an open form made anew after an answer in it was changed. That is read, and nothing is kept.

        A form that cannot be made anew stays as it is: whoever sends it in is told why it is not taken.
        """
        try:
            read = self._database.read(lambda reader: open_forms.anew(self._services, reader, change))
            return await asyncio.wrap_future(read)
        except SipError as error:
            _logger.info("a form stays as it is", extra={"key": error.key})
        except Exception as error:  # noqa: BLE001 - nothing is lost with it, and nobody waits for words
            report(_logger, "a form was not made anew", error)
        return Silence()

    async def _answer(self, incoming: Act, reference: str) -> Response:
        try:
            return await asyncio.wrap_future(self._database.write(partial(self._handled, incoming)))
        except Unchanged as unchanged:
            if isinstance(incoming, Submit) and isinstance(unchanged.answer, Mend):
                await asyncio.wrap_future(self._database.write(partial(_note, dispatch.name_of(incoming))))
            return unchanged.answer
        except SipError as error:
            return await self._refuse(incoming, error, reference)

    def _handled(self, incoming: Act, tx: Transaction) -> Response:
        name = dispatch.name_of(incoming)
        if name in self._owed:
            dispatch.note_seen(tx, name)  # it failed when it came first, and that is not written down yet
        return dispatch.handle(self._services, tx, incoming)

    async def _refuse(self, incoming: Act, error: SipError, reference: str) -> Response:
        """Tell why nothing was done; the reference that the person reads stands in the log with the error's key."""
        _logger.info("refused", extra={"reference": reference, "key": error.key, "kind": _kind(incoming)})
        return await asyncio.wrap_future(
            self._database.write(lambda tx: dispatch.apologise(self._services, tx, incoming, error, reference))
        )


class OwedNotes:
    """Names of acts that failed, of which the database could not be told that they were seen.

    Whoever acted was told that nothing was done. Without a note the same signed request, caught and sent again while
    its time stamp lets it in, would count after all. So the note stands in memory until the database has it.
    """

    def __init__(self, database: Database, now: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._now = now
        self._until: dict[str, float] = {}
        self._background = Background()

    def __contains__(self, name: str) -> bool:
        """Say whether an arrival of this name has failed and is not noted yet."""
        return self._until.get(name, 0.0) > self._now()

    def add(self, name: str) -> None:
        """Have this name noted as soon as the database can be written; without one nothing can come again."""
        if not name:
            return
        self._until[name] = self._now() + LIFETIME
        while len(self._until) > MOST:
            del self._until[next(iter(self._until))]
        if not len(self._background):
            self._background.start(self._write(), "gateway.note")

    async def stop(self, seconds: float = _AGAIN) -> None:
        """Let what is being noted be written; what the database does not take by then is lost with the process."""
        await self._background.finish(seconds)

    async def _write(self) -> None:
        while names := [name for name in self._until if name in self]:
            try:
                await asyncio.wrap_future(self._database.write(partial(_note_all, names)))
            except Exception:  # noqa: BLE001 - why the database cannot be written is told where it is watched
                await asyncio.sleep(_AGAIN)
            else:
                for name in names:
                    self._until.pop(name, None)
        self._until.clear()


def _note_all(names: Sequence[str], tx: Transaction) -> None:
    for name in names:
        tx.inbox.first(name)


def _note(name: str, tx: Transaction) -> bool:
    return dispatch.note_seen(tx, name)


def _kind(incoming: Act) -> str:
    return type(incoming).__name__.lower()
