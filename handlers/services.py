"""What every handler works with: the region's rules, the calendar, words, sealed tokens, random identifiers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from domain.address import lies_within
from domain.case import Case
from domain.rules import Rules
from templates import Words


class Seal(Protocol):
    """Opaque tokens for buttons and forms: what goes in comes out, and nothing else is accepted."""

    def seal(self, **fields: str | int) -> str:
        """Return an opaque token that carries the fields."""
        ...

    def open(self, token: str) -> Mapping[str, str | int]:
        """Return the fields, or raise `Invalid` for a token that was not made here."""
        ...


class Ids(Protocol):
    """Random identifiers: the domain has no dice of its own."""

    def code_bits(self) -> int:
        """Return 25 random bits for a case code."""
        ...

    def token(self) -> str:
        """Return a secret of 128 bits for an address, lower-case letters and digits."""
        ...

    def uid(self) -> str:
        """Return a globally unique calendar identifier."""
        ...


def in_codes(readers: Collection[str]) -> bool:  # noqa: ARG001 - whoever they are
    """Say that purpose and questions stand before nobody in words."""
    return False


@dataclass(frozen=True, slots=True)
class Services:
    """The fixed surroundings of all handlers.

    `rules` are those of the region whose profile is set: a new case is opened by them. `other_rules` are those of all
    other profiles that are known, by name. `speak` returns the words of a language; `language` is the default one.
    `mail_from` is the address invites come from, empty when no mail is configured; `public_url` where the web pages are
    reached, empty when unknown; `feeds` whether people may have their own meetings at an address of their own;
    `mail_domains` the domains that may be mailed to, none: any. `worded` says whether purpose and questions
    of a meeting may stand in words before people, by identity (law 4D). `messages_kept`: how long a case's messages
    stay in chat after its end, None for as long as the chat keeps them.
    """

    rules: Rules
    speak: Callable[[str], Words]
    language: str
    seal: Seal
    ids: Ids
    mail_from: str = ""
    public_url: str = ""
    feeds: bool = False
    worded: Callable[[Collection[str]], bool] = in_codes
    mail_domains: tuple[str, ...] = ()
    messages_kept: timedelta | None = None
    other_rules: Mapping[str, Rules] = field(default_factory=dict)

    @property
    def known_profiles(self) -> frozenset[str]:
        """The names of the profiles by which a case can run."""
        return frozenset({self.rules.profile.name, *self.other_rules})

    def rules_of(self, case: Case) -> Rules:
        """Return the rules by which a case runs: those it was opened by, whatever is set today (R208).

        The program does not start while an open case's profile is unknown; an ended one is then shown by today's.
        """
        if case.profile == self.rules.profile.name:
            return self.rules
        return self.other_rules.get(case.profile, self.rules)

    def may_mail(self, email: str) -> bool:
        """Say whether this address may be mailed to: its domain, or one above it, is named in the settings."""
        return not self.mail_domains or lies_within(email, self.mail_domains)

    def words_for(self, locale: str) -> Words:
        """Return the words for a chat locale such as "sv-SE"; the default language when it is another or unknown."""
        language = locale[:2].lower()
        return self.speak(language if language in {"sv", "en"} else self.language)
