"""The line to Slack's Web API: one session, no retries, and failures sorted by what became of the call."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.delivery.outcome import Never, NotSent, Unknown
from bot.delivery.transport import Halted

Failure: TypeAlias = NotSent | Unknown | Never | Halted

#: Seconds for one call; the outbox's lease is many times longer.
TIMEOUT = 10.0
_CONNECT = 5.0
_PAUSE_WITHOUT_NUMBER = 30.0

#: The token as such is refused: nothing else will get through either.
_HALTING = frozenset(
    {
        "account_inactive",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_auth",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
#: Slack says that it does not know what became of the call.
_UNCLEAR = frozenset({"duplicate_channel_not_found", "duplicate_message_not_found", "fatal_error", "internal_error"})
#: Refused for now, not for good.
_PASSING = frozenset(
    {
        "accesslimited",
        "rate_limited",
        "ratelimited",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    }
)
_TOO_MANY = 429
_SERVER_ERROR = 500
_OK = 200


class SlackFailed(Exception):
    """A call did not succeed: `failure` says what became of it, `code` is Slack's own word, if any."""

    def __init__(self, failure: Failure, code: str = "") -> None:
        super().__init__(failure.why)
        self.failure = failure
        self.code = code


class SlackApi:
    """One bot token's line to Slack.

    The session is opened by the first use, inside the running loop, and closed by `close`. The SDK's own
    logger is kept above DEBUG, where it would write whole messages. `dated` is given the Date header of every
    answer (RFC 9110 section 6.6.1).
    """

    def __init__(self, token: str, base_url: str, dated: Callable[[str], None] | None = None) -> None:
        self._token = token
        self._dated = dated
        self.base_url = base_url if base_url.endswith("/") else base_url + "/"
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None
        self._closed = False

    @property
    def client(self) -> AsyncWebClient:
        """The SDK's client on our session."""
        if self._client is None or self._client.session is not self.session:
            self._client = AsyncWebClient(
                token=self._token,
                base_url=self.base_url,
                session=self.session,
                logger=quiet_logger(),
                retry_handlers=[],
            )
            if stays_near(self.base_url):
                self._client.proxy = None
        return self._client

    @property
    def session(self) -> aiohttp.ClientSession:
        """The HTTP session, opened when first asked for; SlackFailed when the line was closed for good."""
        if self._closed:
            raise SlackFailed(NotSent("closed"))  # a session that is opened now, nobody would close
        if self._session is None or self._session.closed:
            limits = aiohttp.ClientTimeout(total=TIMEOUT, sock_connect=_CONNECT)
            traces = [] if self._dated is None else [_telling(self._dated)]
            self._session = aiohttp.ClientSession(timeout=limits, trace_configs=traces)
        return self._session

    async def alive(self) -> bool:
        """Say whether Slack answers at all. It is asked without the token, so a refused one does not matter."""
        try:
            return await self.post(f"{self.base_url}api.test") < _SERVER_ERROR
        except SlackFailed:
            return False

    async def close(self) -> None:
        """Close the session for good; who calls afterwards is told that nothing was sent."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    async def post(self, url: str, *, json: Any = None, data: bytes | None = None) -> int:
        """Post to an address that Slack gave us (response_url, upload URL); returns the HTTP status.

        Follows no redirect. Raises SlackFailed when nothing answered.
        """
        proxy = None if stays_near(url) else self.client.proxy
        try:
            async with self.session.post(url, json=json, data=data, proxy=proxy, allow_redirects=False) as answer:
                await answer.read()
                return answer.status
        except SlackFailed:
            raise
        except Exception as error:  # noqa: BLE001 - sorted_error knows them all
            raise SlackFailed(sorted_error(error)) from None


def _telling(dated: Callable[[str], None]) -> aiohttp.TraceConfig:
    """Return a trace that tells the Date header of each answer."""

    async def tell(_session: aiohttp.ClientSession, _context: object, ended: aiohttp.TraceRequestEndParams) -> None:
        dated(ended.response.headers.get("Date", ""))

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(tell)
    return trace


async def answered(call: Awaitable[AsyncSlackResponse], seconds: float | None = None) -> dict[str, Any]:
    """Await a call of the SDK and return what Slack answered; raises SlackFailed for everything else."""
    try:
        async with asyncio.timeout(seconds):
            response = await call
    except Exception as error:  # noqa: BLE001 - sorted_error knows them all
        raise SlackFailed(sorted_error(error), _code(error)) from None
    return response.data if isinstance(response.data, dict) else {}


def sorted_error(error: Exception) -> Failure:
    """Sort an exception of a call by what became of it."""
    if isinstance(error, SlackApiError):
        return _refusal(error)
    if isinstance(error, aiohttp.ConnectionTimeoutError | aiohttp.ClientConnectorError | aiohttp.InvalidURL):
        return NotSent("unreachable")
    if isinstance(error, TimeoutError):
        return Unknown("timeout")
    if isinstance(error, aiohttp.ClientError | OSError):
        return Unknown("disconnected")
    return Unknown("unreadable_answer")


def status_failure(status: int) -> Failure | None:
    """Sort a bare HTTP status; None when it is a success."""
    if status == _OK:
        return None
    if status == _TOO_MANY:
        return NotSent("ratelimited", _PAUSE_WITHOUT_NUMBER)
    return Unknown(f"http_{status}") if status >= _SERVER_ERROR else Never(f"http_{status}")


def _refusal(error: SlackApiError) -> Failure:
    response = error.response
    status = getattr(response, "status_code", getattr(response, "status", 0))
    code = _code(error)
    if status == _TOO_MANY or code in {"ratelimited", "rate_limited"}:
        return NotSent("ratelimited", _retry_after(response))
    if code in _HALTING:
        return Halted(code)
    if status >= _SERVER_ERROR or code in _UNCLEAR:
        return Unknown(code or f"http_{status}")
    if code in _PASSING:
        return NotSent(code)
    if not code:
        return Unknown(f"http_{status}")
    return Never(code)


def _code(error: Exception) -> str:
    data = getattr(getattr(error, "response", None), "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    return code if isinstance(code, str) and code.replace("_", "").isalnum() else ""


def _retry_after(response: Any) -> float:
    """Read Retry-After in seconds; a number that is missing or absurd becomes half a minute."""
    text = str(response.headers.get("Retry-After", "")) if response.headers else ""
    return min(float(text), 3600.0) if text.isascii() and text.isdigit() else _PAUSE_WITHOUT_NUMBER


def stays_near(url: str) -> bool:
    """Whether `url` is on this machine or named in NO_PROXY; the SDK would ask the proxy all the same."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or proxy_bypass(host):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def quiet_logger() -> logging.Logger:
    """The logger given to Slack's libraries: errors only, for at DEBUG they write down whole messages."""
    logger = logging.getLogger("bot.slack.sdk")
    logger.setLevel(logging.ERROR)
    return logger


def silent_logger() -> logging.Logger:
    """The logger given to the Socket Mode client, whose errors quote the address with its ticket."""
    logger = logging.getLogger("bot.slack.sdk.socket")
    logger.setLevel(logging.CRITICAL)
    return logger
