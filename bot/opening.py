"""The moment at which the bot opens: it takes its port, and says in one line where it listens and what is missing."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator

from bot import platforms
from bot.admin.starting import unkept_anchors
from bot.settings import Settings


def bound(host: str, port: int, setting: str) -> socket.socket:
    """Take a port before anything else is begun; nobody is let in yet.

    Raises:
        OSError: somebody else has it, or it is not this machine's to take. `setting` is the one that mends it.
    """
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as wrong:
        found.close()
        taken = "another program listens there already"
        why = taken if wrong.errno == errno.EADDRINUSE else str(wrong.strerror or wrong)
        raise OSError(wrong.errno, f"cannot listen on {host}:{port}: {why}. {setting} names another place") from wrong
    return found


def opening_line(settings: Settings, role: str, address: tuple[object, ...], *, agencies: int) -> str:
    """Return what is said when the bot listens at an address, given how many agencies there are in its directory."""
    host = f"[{address[0]}]" if ":" in str(address[0]) else address[0]
    reached = [f"{kind.name} {kind.way_in(settings)}" for kind in platforms.set_up(settings)]
    lacking = ", ".join(_missing(settings, agencies))
    said = [
        f"sipbot listens at http://{host}:{address[1]}",
        f"role {role}",
        *reached,
        f"missing: {lacking}" if lacking else "nothing is missing",
    ]
    return "; ".join(said) + ". `sipbot doctor` says more."


def _missing(settings: Settings, agencies: int) -> Iterator[str]:
    chats = platforms.set_up(settings)
    if not chats:
        yield "a chat (`sipbot init`)"
    for kind in chats:
        yield from kind.missing(settings)
    if why := unkept_anchors(settings):
        yield f"anchors ({why})"
    if not agencies:
        yield "agencies (`sipbot directory import FILE`)"
    if not settings.smtp_url:
        yield "mail (SIPBOT_SMTP_URL), so invites go as files in chat only"
