"""Debian's libical as a referee: its restriction tables know what each iTIP method must and must not hold.

Tables of libical 3.0.16 that are known to be wrong or missing: DECLINECOUNTER (from RFC 2446), VALARM in
CANCEL (not looked at), and everything about bytes; `calendar_lint` looks at those.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache

_ANY = 0  # ICAL_ANY_PROPERTY and ICAL_ANY_COMPONENT


class LibicalMissingError(Exception):
    """There is no libical3 on this machine."""


@cache
def _library() -> ctypes.CDLL:
    for name in ("libical.so.3", ctypes.util.find_library("ical") or ""):
        try:
            library = ctypes.CDLL(name) if name else None
        except OSError:
            continue
        if library is not None:
            return _typed(library)
    raise LibicalMissingError("libical3 is not installed (Debian: apt-get install libical3)")


def _typed(library: ctypes.CDLL) -> ctypes.CDLL:
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for name, result, arguments in (
        ("icalparser_parse_string", pointer, [text]),
        ("icalrestriction_check", number, [pointer]),
        ("icalcomponent_count_errors", number, [pointer]),
        ("icalcomponent_as_ical_string", text, [pointer]),
        ("icalcomponent_isa", number, [pointer]),
        ("icalcomponent_free", None, [pointer]),
        ("icalerror_set_errors_are_fatal", None, [number]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    library.icalerror_set_errors_are_fatal(0)
    return library


def available() -> bool:
    """Whether libical can be asked on this machine."""
    try:
        _library()
    except LibicalMissingError:
        return False
    return True


def problems(data: bytes) -> list[str]:
    """What libical finds wrong with one calendar object; empty when nothing."""
    library = _library()
    if b"\x00" in data:
        return ["a NUL byte ends the text for libical"]
    component = library.icalparser_parse_string(data)
    if not component:
        return ["not parsed"]
    try:
        parsed_wrong = library.icalcomponent_count_errors(component)
        allowed = library.icalrestriction_check(component)
        found = []
        if parsed_wrong:
            found.append(f"{parsed_wrong} parse errors")
        if not allowed:
            # The check leaves its findings in the object as X-LIC-ERROR properties.
            shown = library.icalcomponent_as_ical_string(component).decode("utf-8", "replace")
            lines = shown.replace("\r\n ", "").splitlines()
            found += [line for line in lines if line.startswith("X-LIC-ERROR")] or ["not allowed"]
        return found
    finally:
        library.icalcomponent_free(component)
