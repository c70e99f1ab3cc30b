"""The place of a meeting under suspicion: a link, a home, a street, a name (law 4D.1, law 4D.2).

The place goes to chat, mail and calendars. It may not be the person's home, and links have a field of their own that
goes to none of these.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Suspicion(StrEnum):
    """What a place seems to hold. The values may be used in message keys."""

    LINK = "link"  # refused: it belongs in the field for links
    HOME = "home"  # refused: law 4D.1
    STREET = "street"  # warned of: an agency's address is one too
    NAME = "name"  # warned of: law 4D.2


_LINK = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}://|\bwww\.|\b(?:mailto|tel|sip|callto):\S"
    r"|\b[a-z0-9-]{1,63}\.(?:[a-z0-9-]{1,63}\.){0,4}(?:se|nu|com|us|net|org|eu|io|dev|app|example)(?:/|\?|:\d|\b(?!\.))",
    re.IGNORECASE,
)
_HOME = re.compile(
    r"\bhemma\b|\bhemmet\b|\bbostad(?:en)?\b|\bhembesök\b|\blgh\b|\blägenhet|\bportkod"
    r"|\bat home\b|\bhome address\b|\bapartment\b",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"\b\w{2,40}(?:gatan?|vägen|väg|gränd(?:en)?|stigen|allén?|backen|torget|leden|slingan|kroken|liden)\s+\d{1,3}\s?[a-z]?\b",
    re.IGNORECASE,
)
_WORD = r"[A-ZÅÄÖÉ][a-zåäöéüø]{1,30}(?:-[A-ZÅÄÖ][a-zåäöé]{1,30})?"
_NAME_PAIR = re.compile(rf"(?<![\w-])({_WORD})\s+({_WORD})(?![\w-])")
# A capital letter begins these where no person is meant.
_NO_NAMES = re.compile(
    r"rum|sal|hus|plan|entré|reception|kommun|region|skol|vård|mottagning|central|kontor|enhet|avdelning|möte|konferens"
    r"|våning|trapp|byggnad|socialtjänst|hälso|barn|ung|vuxen|psykiatri|habilitering|lasarett|sjukhus|bibliotek|kyrk|torg"
    r"|stora|lilla|gamla|nya|norra|södra|östra|västra|folkets|microsoft|teams|zoom|skype|google|meet|webex|digital"
    r"|telefon|enligt|samma|room|floor|house|building|office|school|centre|center|ward|meeting|kansli",
    re.IGNORECASE,
)


def suspicions(place: str) -> tuple[Suspicion, ...]:
    """What a place seems to hold, what is refused first."""
    found = []
    if _LINK.search(place):
        found.append(Suspicion.LINK)
    if _HOME.search(place):
        found.append(Suspicion.HOME)
    if _STREET.search(place):
        found.append(Suspicion.STREET)
    if any(not _NO_NAMES.search(f"{a} {b}") for a, b in _NAME_PAIR.findall(place)):
        found.append(Suspicion.NAME)
    return tuple(found)
