"""The gateway: brings what platforms hand in to the handlers, in one write transaction, and errors back as answers."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable

from domain.errors import SipError
from handlers import dispatch
from handlers.services import Services
from handlers.ui.events import Event
from handlers.ui.responses import Response, Unchanged
from storage.engine.database import Database

_logger = logging.getLogger(__name__)


class Gateway:
    """Answers everything that people do. It is committed before the answer leaves; then the courier is woken."""

    def __init__(self, database: Database, services: Services, wake: Callable[[], None]) -> None:
        self._database = database
        self._services = services
        self._wake = wake

    async def __call__(self, incoming: Event) -> Response:
        """Return the answer to one arrival."""
        try:
            answer = await asyncio.wrap_future(
                self._database.write(lambda tx: dispatch.handle(self._services, tx, incoming))
            )
        except Unchanged as unchanged:
            return unchanged.answer
        except SipError as error:
            answer = await self._apologise(incoming, error)
        self._wake()
        return answer

    async def _apologise(self, incoming: Event, error: SipError) -> Response:
        """Tell why nothing was done; the reference that the person reads stands in the log with the error's key."""
        reference = secrets.token_hex(3).upper()
        kind = type(incoming).__name__.lower()
        _logger.info("refused", extra={"reference": reference, "key": error.key, "kind": kind})
        return await asyncio.wrap_future(
            self._database.write(lambda tx: dispatch.apologise(self._services, tx, incoming, error, reference))
        )
