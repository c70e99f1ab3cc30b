"""The guard of every typed text, and of the log: personal numbers, phone numbers, mail addresses (law 4D.2).

A guard by shape cannot know what a number means. It is made so that what people write about a meeting passes
(dates, times, rooms, record numbers, case codes, organisation numbers), as do the ids and time stamps of a
chat in a log.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from domain.code import is_code
from domain.text.phone_number import find_phones


class Forbidden(StrEnum):
    """Why a text is not accepted as it is. The values may be used in message keys."""

    PERSONAL_NUMBER = "personal_number"  # personnummer, samordningsnummer or reservnummer
    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that may not stand in a text: `text[start:end]`. The words are not repeated here."""

    kind: Forbidden
    start: int
    end: int


_REDACTED = {
    Forbidden.PERSONAL_NUMBER: "[personnummer]",
    Forbidden.PHONE: "[telefon]",
    Forbidden.EMAIL: "[e-post]",
}

# Both patterns begin with a digit and look back from there, so that the search passes over the rest at once.
#
# [Century] year, month, day (or day + 60, or 32-59 in reserve numbers), then four digits; up to three marks of any kind
# between these parts, but no colon within the date, which would be a time with seconds. Not followed by what makes it
# the beginning of a time stamp, a record number or a range of dates or of times.
_PARTED_NUMBER = re.compile(
    r"[0-9](?<![0-9][0-9])(?<![0-9]{4}-[0-9]{2}-[0-9])"
    r"(?:(?:(?<=1)[89]|(?<=2)0)[ ._*/-]?[0-9]{2}|[0-9])(?P<first>(?:[^\w\n\0:]|_){0,3})"
    r"(?:0[0-9]|1[0-2])(?P<second>(?:[^\w\n\0:]|_){0,3})"
    r"(?:0[1-9]|[1-8][0-9]|9[01])(?:[^\w\n\0]|_){0,3}"
    r"[0-9]{4}(?![0-9]|[./][0-9]|-[0-9]{2}-[0-9])(?!(?<=[ ,(][0-2][0-9][0-5][0-9])-[0-2][0-9][0-5][0-9](?![0-9]))"
)
# The same digits one by one or two by two: "1 9 1 2 ...", "19 12 12 ...". Longer rows are no person.
_SPACED_NUMBER = re.compile(
    r"[0-9](?<![0-9][0-9])(?<![0-9][ -][0-9])"
    r"(?:(?:[ .+-]{1,3}[0-9]){9}(?:(?:[ .+-]{1,3}[0-9]){2})?|[0-9](?:[ +-]{1,3}[0-9]{2}){4,5})"
    r"(?![0-9]|[ ./:-][0-9])"
)
# Groups of digits with marks between, to be looked at where the same mark stands between all: "1912 12 12 12 12".
_ROW_OF_GROUPS = re.compile(r"[0-9](?<![0-9][0-9])[0-9]{0,11}(?:(?:[^\w\n\0]|_){1,3}[0-9]{1,12}(?![0-9])){2,}")
_GROUP = re.compile(r"[0-9]+")
_THOUSANDS = re.compile(r"[0-9](?:[ .,'][0-9]{3}){3}")
# Reserve numbers of the regions: Stockholm's begin with 99 and the year of issue; those of others, and the national
# one, hold a date of birth (with another century in the national one) and then one to three letters among the last
# four. The register of students has T and three digits. A letter or a group of an identifier behind is no such number.
_RESERVE_DIGITS = re.compile(
    r"[0-9](?<![0-9A-Za-z.][0-9])(?<=9)9[ -]?(?:19[89]|2[0-2][0-9])[0-9][ -]?[0-9]{2}[ -]?[0-9]{4}"
    r"(?![0-9A-Za-z]|[.-][0-9])"
)
_RESERVE_LETTERS = re.compile(
    r"[0-9](?<![0-9A-Za-z-][0-9])[0-9](?:(?:[0-9]{2}-?){0,1})(?P<month>[0-9]{2})-?(?P<day>[0-9]{2})"
    r"(?:(?<=[0-9]{8})[ +-]?|[+-])"
    r"(?!(?:kl|rum|nr|sal|hus|plan|v)[0-9])"
    r"(?=[0-9]{0,3}[A-Za-z])(?=[A-Za-z]{0,3}[0-9])[0-9A-Za-z]{4}(?![0-9A-Za-z]|-[0-9A-Fa-f])",
)
# The local part is bounded so that a long word without "@" is not walked anew from each of its letters.
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
# The same with what people put for "@" and for the dot so that it shall not be found. Both ends are asked for, as the
# words and brackets alone are ordinary, and the last part is of letters: "möte @ 10.30" is none.
_EMAIL_IN_WORDS = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,254}"
    r"(?: ?[(\[{<] ?(?:at|@|snabel-?a) ?[)\]}>] ?| {1,2}@ {0,2}| {0,2}@ {1,2}| snabel-?a |@(?=[\w-]{1,63} ?[(\[{ ]))"
    r"(?:[\w-]{1,63}(?:\.| ?[(\[{<] ?(?:dot|punkt|\.) ?[)\]}>] ?| punkt | dot )){1,8}[^\W\d_]{2,24}(?!\w)",
    re.IGNORECASE,
)
_AT_IN_WORDS = re.compile(r"@|\bat\b|snabel", re.IGNORECASE)
_CASE_CODE = re.compile(r"(?:SIP|sip)-[0-9A-Za-z]{5}-[0-9A-Za-z](?![0-9A-Za-z])")

# Any other character may be a digit, a dash or a space in another dress, or invisible.
_IN_DISGUISE = re.compile(r"[^\t\n -~¡-¬®-±´-¸»¿-ÿ]")
_CENTURIES = ("", "18", "19", "20")
_MARKS_OF_DATES = frozenset(" ./-")
_LENGTHS = (10, 12)
_COORDINATION = 60  # what a samordningsnummer adds to the day
_MONTHS, _DAYS = 12, 31
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)  # digit sums of 2 * 0, 2 * 1, ... 2 * 9

_VARIATION_SELECTORS = ("\ufe00", "\ufe0f")


def find_forbidden(text: str) -> tuple[Finding, ...]:
    """All personal numbers, phone numbers and mail addresses in `text`, in order and without overlaps.

    Digits of other scripts, full-width characters, odd dashes and invisible characters are seen through. A
    personal number has a possible date (day + 60 too) and a right check digit; an organisation number, whose
    third digit is 2 or more, has no possible date.
    """
    if _IN_DISGUISE.search(text) is None:
        return _find(text)
    found = _find(_IN_DISGUISE.sub(_unmasked, text))
    if not found:
        return ()
    origin = [position for position, character in enumerate(text) for _ in _plain(character)]
    origin.append(len(text))
    # What is invisible behind a finding goes with it; a character that stands for several has only one place.
    return tuple(Finding(f.kind, origin[f.start], max(origin[f.end], origin[f.end - 1] + 1)) for f in found)


def find_forbidden_in_link(link: str) -> tuple[Finding, ...]:
    """What may not stand in a link to a meeting.

    Links hold numbers of meetings and aliases of conferences, which look like telephones and mail addresses. So a
    personal number counts when it has its century or its separator, and an address when it begins with letters alone
    (`anna.berg@`, not `1234567@`) or stands before the host; a number to phone counts with its country.
    """
    return tuple(finding for finding in find_forbidden(link) if not _belongs_in_link(link, finding))


_HOST_OF_LINK = re.compile(r"[a-z]+://[^/?#]*", re.IGNORECASE)
_BEFORE_ALIAS = re.compile(r"[=/?&#:;,]")
_TEN = 10


def _belongs_in_link(link: str, finding: Finding) -> bool:
    written = link[finding.start : finding.end]
    host = _HOST_OF_LINK.match(link)
    match finding.kind:
        case Forbidden.EMAIL:
            at = link.find("@", finding.start, finding.end)
            if at < 0:
                return False
            alias, domain = _BEFORE_ALIAS.split(link[:at])[-1], link[at + 1 :]
            inside = host is None or at >= host.end()
            return inside and (any(map(str.isdigit, alias)) or domain.lower().startswith("thread."))
        case Forbidden.PERSONAL_NUMBER:
            # A number in the path is the meeting's; one that somebody has put behind it may be anything.
            return written.isdigit() and len(written) == _TEN and link[finding.start - 1] == "/"
        case Forbidden.PHONE:
            return written.isdigit() and link[finding.start - 1] == "/"


def redact(text: str) -> str:
    """`text` with its kind, such as `[personnummer]`, in place of each finding; itself when there is none."""
    findings = find_forbidden(text)
    if not findings:
        return text
    pieces: list[str] = []
    position = 0
    for finding in findings:
        pieces += text[position : finding.start], _REDACTED[finding.kind]
        position = finding.end
    return "".join(pieces) + text[position:]


def _find(text: str) -> tuple[Finding, ...]:
    if "SIP-" in text or "sip-" in text:
        text = _CASE_CODE.sub(_blank_if_right, text)
    found: list[Finding] = []
    for kind, spans in (
        (Forbidden.PERSONAL_NUMBER, _personal_numbers),
        (Forbidden.PHONE, find_phones),
        (Forbidden.EMAIL, _addresses),
    ):
        for start, end in spans(text):
            found.append(Finding(kind, start, end))
            # Blanked, so that the next kind does not find it again.
            text = _blanked(text, start, end)
    found.sort(key=lambda finding: finding.start)
    return tuple(found)


def _blanked(text: str, start: int, end: int) -> str:
    return text[:start] + "\0" * (end - start) + text[end:]


def _blank_if_right(code: re.Match[str]) -> str:
    # The check symbol must be right: a personal number typed in the shape of a code is still seen.
    return "\0" * len(code[0]) if is_code(code[0].upper()) else code[0]


def _personal_numbers(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_PARTED_NUMBER, _SPACED_NUMBER):
        position = 0
        while match := pattern.search(text, position):
            start, end = match.span()
            digits = "".join(filter(str.isdigit, match[0]))
            if _is_personal_number(digits) and _is_marked_as_one(match):
                yield start, end
                text = _blanked(text, start, end)
                position = end
            else:
                # The true one may begin within: "rum 19 05 191212-1212".
                position = start + 1
    for start, end in _evenly_marked(text):
        if _is_personal_number("".join(filter(str.isdigit, text[start:end]))):
            yield start, end
            text = _blanked(text, start, end)
    for match in _RESERVE_DIGITS.finditer(text):
        yield match.span()
    for match in _RESERVE_LETTERS.finditer(text):
        if _may_be_reserve(match):
            yield match.span()


def _is_marked_as_one(match: re.Match[str]) -> bool:
    """Whether the marks speak for one number, not for a rising list or a year before a date: "2021, 03.11.2021"."""
    if match.re is _SPACED_NUMBER:
        return not _rises(_GROUP.findall(match[0]))
    first, second = match["first"], match["second"]
    return not first or not second or first == second or set(first + second) <= _MARKS_OF_DATES


def _evenly_marked(text: str) -> Iterator[tuple[int, int]]:
    """Where ten or twelve digits stand in groups with one and the same mark between all of them.

    An amount in thousands and a list of pages or weeks, which rises, are such rows too and are left out.
    """
    for row in _ROW_OF_GROUPS.finditer(text):
        groups = [(found.start(), found.end()) for found in _GROUP.finditer(text, *row.span())]
        marks = [text[a[1] : b[0]] for a, b in pairwise(groups)]
        first = 0
        for last in range(1, len(groups)):
            if last < len(marks) and marks[last] == marks[first]:
                continue
            start, end = groups[first][0], groups[last][1]
            parts = [text[a:b] for a, b in groups[first : last + 1]]
            if sum(map(len, parts)) in _LENGTHS and not _rises(parts) and not _THOUSANDS.fullmatch(text[start:end]):
                yield start, end
            first = last


def _rises(parts: list[str]) -> bool:
    return len(parts) > 1 and len(set(map(len, parts))) == 1 and all(a < b for a, b in pairwise(parts))


def _may_be_reserve(match: re.Match[str]) -> bool:
    """Whether the digits before the letters may be a date of birth, or the running number of one that is not known."""
    month, day = int(match["month"]), int(match["day"])
    dated = 1 <= month <= _MONTHS and (1 <= day <= _DAYS or _COORDINATION <= day <= _COORDINATION + _DAYS)
    unknown = match[0].startswith("00") and month >= 20 and 40 <= day < _COORDINATION  # noqa: PLR2004 - its form
    return dated or unknown


def _is_personal_number(digits: str) -> bool:
    """Whether ten or twelve ASCII digits have a possible date of birth and a right check digit (Luhn)."""
    century, (year, month, day) = digits[:-10], (int(digits[n : n + 2]) for n in (-10, -8, -6))
    if century not in _CENTURIES:
        return False
    if not _is_birthday(int(century or 20), year, month, day, with_century=bool(century)):
        return False
    doubled, single = digits[-10::2], digits[-9::2]
    return (sum(_DOUBLED[int(d)] for d in doubled) + sum(map(int, single))) % 10 == 0


def _is_birthday(century: int, year: int, month: int, day: int, *, with_century: bool) -> bool:
    """Whether such a day may stand in a number: a date, or in a coordination number one that is not wholly known."""
    if day >= _COORDINATION:
        day -= _COORDINATION
        if not month or not day:
            return month <= _MONTHS and day <= _DAYS
    elif day > _DAYS:
        return with_century and 1 <= month <= _MONTHS  # a reserve number of Inera Carelink
    try:
        # Without a century it is 2000: a leap year, as every fourth year since 1904 is.
        date(100 * century + year, month, day)
    except ValueError:
        return False
    return True


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield match.span()
            text = _blanked(text, *match.span())
    if _AT_IN_WORDS.search(text):
        for match in _EMAIL_IN_WORDS.finditer(text):
            yield match.span()


def _unmasked(character: re.Match[str]) -> str:
    return _plain(character[0])


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """The digit, dash or space that `character` stands for, nothing if invisible, else the plain form."""
    category = unicodedata.category(character)
    if category in {"Cf", "Me"} or _VARIATION_SELECTORS[0] <= character <= _VARIATION_SELECTORS[1]:
        return ""
    if category == "Zs":
        return " "
    if category == "Pd" or character == "\u2212":
        return "-"
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return unicodedata.normalize("NFKC", character)
