"""The kinds of value that Block Kit is made of, each as a check that yields what is wrong.

A check is a function of a value and its JSON pointer (RFC 6901). The tables in `block_elements` and
`block_table` are built from these functions alone; the rules that look at a whole message or view stand in
`block_rules`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})

URL_MOST = 3000

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken Block Kit rule: where (JSON pointer), which (a short code), and in Slack's words."""

    pointer: str
    code: str
    text: str

    def as_slack(self) -> str:
        """Return the line as it stands in `response_metadata.messages` of Slack's answer."""
        return f"[ERROR] {self.text} [json-pointer:{self.pointer}]"


Check = Callable[[object, str], Iterator[Violation]]
Rule = Callable[[Mapping[str, object], str], Iterator[Violation]]


def below(pointer: str, key: str | int) -> str:
    """Return the pointer to `key` inside the value that `pointer` names."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def string(most: int | None = None, least: int = 0) -> Check:
    """A string of `least` to `most` characters."""

    def check(value: object, pointer: str) -> Iterator[Violation]:
        if not isinstance(value, str):
            yield Violation(pointer, "wrong_kind", "must provide a string")
        elif most is not None and len(value) > most:
            yield Violation(pointer, "too_long", f"must be less than {most + 1} characters")
        elif len(value) < least:
            yield Violation(pointer, "too_short", f"must be more than {least - 1} characters")

    return check


def boolean(value: object, pointer: str) -> Iterator[Violation]:
    """`true` or `false`."""
    if not isinstance(value, bool):
        yield Violation(pointer, "wrong_kind", "must provide a boolean")


def anything(_value: object, _pointer: str) -> Iterator[Violation]:
    """Whatever there is: Slack checks it elsewhere or not at all."""
    return iter(())


def integer(least: int | None = None, most: int | None = None) -> Check:
    """A whole number between two bounds, both inclusive."""

    def check(value: object, pointer: str) -> Iterator[Violation]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield Violation(pointer, "wrong_kind", "must provide an integer")
        elif least is not None and value < least:
            yield Violation(pointer, "out_of_range", f"must be greater than or equal to {least}")
        elif most is not None and value > most:
            yield Violation(pointer, "out_of_range", f"must be less than or equal to {most}")

    return check


def number_text(value: object, pointer: str) -> Iterator[Violation]:
    """A number written as a string, as `number_input` wants its bounds and its first value."""
    if not isinstance(value, str) or not re.fullmatch(r"-?\d+(\.\d+)?", value):
        yield Violation(pointer, "bad_format", "must be a number as a string")


def choice(*allowed: str) -> Check:
    """One of a few strings."""

    def check(value: object, pointer: str) -> Iterator[Violation]:
        if value not in allowed:
            yield Violation(pointer, "not_allowed", f"value must be one of: {', '.join(allowed)}")

    return check


def pattern(regex: str, words: str) -> Check:
    """A string of a certain form, `words` saying which."""
    compiled = re.compile(regex)

    def check(value: object, pointer: str) -> Iterator[Violation]:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            yield Violation(pointer, "bad_format", f"must be {words}")

    return check


def date(value: object, pointer: str) -> Iterator[Violation]:
    """A day that exists, `YYYY-MM-DD`."""
    try:
        good = isinstance(value, str) and dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        good = False
    if not good:
        yield Violation(pointer, "bad_format", "must be a valid date in the format YYYY-MM-DD")


time = pattern(r"([01]\d|2[0-3]):[0-5]\d", "a valid time in the format HH:mm")
iana_zone = pattern(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*", "a time zone in the IANA format")


def unix_seconds(value: object, pointer: str) -> Iterator[Violation]:
    """A Unix time of ten digits, in seconds."""
    if not isinstance(value, int) or isinstance(value, bool) or not 10**9 <= value < 10**10:
        yield Violation(pointer, "bad_format", "must be a UNIX timestamp of 10 digits")


def url(value: object, pointer: str) -> Iterator[Violation]:
    """An address of at most 3000 characters, by https; plain http only to this machine (local demo)."""
    if not isinstance(value, str):
        yield Violation(pointer, "wrong_kind", "must provide a string")
        return
    if len(value) > URL_MOST:
        yield Violation(pointer, "too_long", f"must be less than {URL_MOST + 1} characters")
        return
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK_HOSTS)):
        yield Violation(pointer, "bad_url", "must be a valid https URL")


def items(check_item: Check, least: int = 0, most: int | None = None) -> Check:
    """A list of `least` to `most` values of one kind."""

    def check(value: object, pointer: str) -> Iterator[Violation]:
        if not isinstance(value, list):
            yield Violation(pointer, "wrong_kind", "must provide an array")
            return
        if most is not None and len(value) > most:
            yield Violation(pointer, "too_many", f"no more than {most} items allowed")
        if len(value) < least:
            yield Violation(pointer, "too_few", f"no fewer than {least} items allowed")
        for index, item in enumerate(value):
            yield from check_item(item, f"{pointer}/{index}")

    return check


def record(
    required: Mapping[str, Check] | None = None,
    optional: Mapping[str, Check] | None = None,
    rules: tuple[Rule, ...] = (),
) -> Check:
    """An object with the named properties and no other; `type` is looked at by `typed`."""
    needed = dict(required or {})
    known = {**needed, **dict(optional or {})}

    def check(value: object, pointer: str) -> Iterator[Violation]:
        if not isinstance(value, dict):
            yield Violation(pointer, "wrong_kind", "must provide an object")
            return
        for name in needed:
            if value.get(name, _MISSING) is _MISSING:
                yield Violation(pointer, "missing", f"missing required field: {name}")
        for name, held in value.items():
            if name in known:  # none of these names needs to be escaped in a pointer
                yield from known[name](held, f"{pointer}/{name}")
            elif name != "type":
                text = f"invalid additional property: {name}"
                yield Violation(below(pointer, name), "unknown_property", text)
        for rule in rules:
            yield from rule(value, pointer)

    return check


def typed(table: Mapping[str, Check], elsewhere: frozenset[str] = frozenset()) -> Check:
    """An object whose `type` names one of the kinds in `table`.

    `elsewhere` holds the types that exist but may not stand here: they get a code of their own, so that a
    programmer is told "not here" instead of "no such thing".
    """

    def check(value: object, pointer: str) -> Iterator[Violation]:
        if not isinstance(value, dict):
            yield Violation(pointer, "wrong_kind", "must provide an object")
            return
        name = value.get("type")
        if isinstance(name, str) and name in table:
            yield from table[name](value, pointer)
        elif name is None:
            yield Violation(pointer, "missing", "missing required field: type")
        else:
            code = "not_allowed_here" if str(name) in elsewhere else "unknown_type"
            yield Violation(below(pointer, "type"), code, f"unsupported type: {name}")

    return check


def text(most: int, *, mrkdwn: bool = True, least: int = 1) -> Check:
    """A text object of `least` to `most` characters; `mrkdwn=False` admits plain text alone."""
    held = string(most, least)
    table = {"plain_text": record({"text": held}, {"emoji": boolean})}
    if mrkdwn:
        table["mrkdwn"] = record({"text": held}, {"verbatim": boolean})
    return typed(table, frozenset({"plain_text", "mrkdwn"}))


def plain(most: int) -> Check:
    """A `plain_text` object of 1 to `most` characters."""
    return text(most, mrkdwn=False)
