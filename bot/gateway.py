"""The gateway: brings what platforms hand in to the handlers, in one write transaction, and errors back as answers."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable

from bot.error_log import report
from domain.errors import SipError
from handlers import dispatch
from handlers.services import Services
from handlers.ui.events import Event, HomeOpened
from handlers.ui.responses import Failed, Response, Unchanged
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

    async def _answer(self, incoming: Event, reference: str) -> Response:
        try:
            return await asyncio.wrap_future(
                self._database.write(lambda tx: dispatch.handle(self._services, tx, incoming))
            )
        except Unchanged as unchanged:
            return unchanged.answer
        except SipError as error:
            return await self._refuse(incoming, error, reference)

    async def _refuse(self, incoming: Event, error: SipError, reference: str) -> Response:
        """Tell why nothing was done; the reference that the person reads stands in the log with the error's key."""
        _logger.info("refused", extra={"reference": reference, "key": error.key, "kind": _kind(incoming)})
        return await asyncio.wrap_future(
            self._database.write(lambda tx: dispatch.apologise(self._services, tx, incoming, error, reference))
        )


def _kind(incoming: Event) -> str:
    return type(incoming).__name__.lower()
