"""The gateway: brings what platforms hand in to the handlers, in one write transaction, and errors back as answers."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable

from bot.error_log import report
from domain.errors import SipError
from handlers import dispatch, open_forms
from handlers.services import Services
from handlers.ui.events import Act, Change, Event, HomeOpened, Submit
from handlers.ui.responses import Failed, Mend, Response, Silence, Unchanged
from storage.engine.database import Database

_logger = logging.getLogger(__name__)


class Gateway:
    """Answers everything that people do. It is committed before the answer leaves; then the courier is woken."""

    def __init__(self, database: Database, services: Services, wake: Callable[[], None]) -> None:
        self._database = database
        self._services = services
        self._wake = wake

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
            return Failed(reference)
        self._wake()
        return answer

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
            return await asyncio.wrap_future(
                self._database.write(lambda tx: dispatch.handle(self._services, tx, incoming))
            )
        except Unchanged as unchanged:
            if isinstance(incoming, Submit) and isinstance(unchanged.answer, Mend):
                await asyncio.wrap_future(self._database.write(lambda tx: dispatch.note_mending(tx, incoming)))
            return unchanged.answer
        except SipError as error:
            return await self._refuse(incoming, error, reference)

    async def _refuse(self, incoming: Act, error: SipError, reference: str) -> Response:
        """Tell why nothing was done; the reference that the person reads stands in the log with the error's key."""
        _logger.info("refused", extra={"reference": reference, "key": error.key, "kind": _kind(incoming)})
        return await asyncio.wrap_future(
            self._database.write(lambda tx: dispatch.apologise(self._services, tx, incoming, error, reference))
        )


def _kind(incoming: Act) -> str:
    return type(incoming).__name__.lower()
