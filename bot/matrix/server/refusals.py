"""What the library and the line say when something went wrong, in the courier's terms."""

from __future__ import annotations

import aiohttp
from mautrix.errors import MatrixConnectionError, MatrixInvalidToken, MatrixRequestError

from bot.delivery.outcome import Never, NotSent, Unknown
from bot.delivery.transport import Halted
from bot.matrix.server.failures import MatrixFailed

#: What breaks on the way to a server; the library wraps most of what its web client says.
LINE = (MatrixConnectionError, aiohttp.ClientError, TimeoutError, OSError)
#: The server's own words: it was asked too often (RFC 6585), and from this one on the trouble is its own (RFC 9110).
TOO_MANY, TROUBLE = 429, 500
#: Seconds to wait when a server is busy and does not say for how long.
_BUSY = 5.0
#: Seconds to wait for the bot to be let into a room again, or for its rights there.
_SHUT_OUT = 900.0


def failed(error: Exception, retry_after: float | None) -> MatrixFailed:
    """Return what an error of the library or the line means."""
    if isinstance(error, MatrixInvalidToken):
        return MatrixFailed(Halted("invalid_token"), "M_UNKNOWN_TOKEN")
    if isinstance(error, MatrixRequestError):
        return _refused(error, retry_after)
    # The library wraps what its web client says.
    if isinstance(error, aiohttp.ClientConnectorError) or isinstance(error.__cause__, aiohttp.ClientConnectorError):
        return MatrixFailed(NotSent("unreachable"))
    if isinstance(error, LINE):
        # The line broke somewhere under way. The same transaction id is used again, so asking twice is safe.
        return MatrixFailed(Unknown("line_broke"))
    raise error


def _refused(error: MatrixRequestError, retry_after: float | None) -> MatrixFailed:
    code, status = error.errcode or "", error.http_status
    why = code.lower() or f"http_{status}"
    if code == "M_LIMIT_EXCEEDED" or status == TOO_MANY:
        return MatrixFailed(NotSent("ratelimited", retry_after or _BUSY), code)
    if code == "M_FORBIDDEN":
        # The bot was put out of the room or lost its rights there; people mend that, so it is tried for a while.
        return MatrixFailed(NotSent("forbidden", _SHUT_OUT), code)
    if code in {"M_USER_DEACTIVATED", "ORG_MATRIX_USER_DEACTIVATED"}:
        return MatrixFailed(Halted(why), code)
    if status >= TROUBLE:
        return MatrixFailed(Unknown(f"http_{status}"), code)
    return MatrixFailed(Never(why), code)
