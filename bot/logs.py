"""Logs: one JSON object a line, without bodies, names or texts; what slips in is blacked out (law 4D)."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict

from domain.text.free_text import redact

# These say too much at DEBUG (Slack's SDK logs whole messages), whatever level the operator has chosen.
CHATTY = (
    "alembic",
    "slack_sdk",
    "slack_bolt",
    "sqlalchemy",
    "aiosmtplib",
    "aioimaplib",
    "apscheduler",
    "asyncio",
    "uvicorn",
    "mail.log",
)


def set_up_logs(level: str) -> None:
    """Send every log record of the process through one renderer to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        blacken,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _plain_exception,
            blacken,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def _plain_exception(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Keep of an exception its kind and the place: messages of libraries may hold what was sent."""
    found = event.pop("exc_info", None)
    if isinstance(found, tuple) and found[1] is not None:
        trace = found[1].__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        event["exception"] = type(found[1]).__name__
        if trace is not None:
            event["at"] = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
    return event


def blacken(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace personal numbers, telephone numbers and mail addresses in every text of a record."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = redact(value)
    return event
