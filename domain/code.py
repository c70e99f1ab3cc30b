"""Case codes: `SIP-` + five symbols + `-` + a check symbol, such as `SIP-7K3QF-M`.

The alphabet is Crockford's base 32: no I, L, O or U, so that codes survive being read aloud and written by
hand. Five symbols hold 25 random bits: no date, no initials, no running number.

Crockford's own check symbol counts modulo 37 and so needs five further characters (`*~$=U`). Three of them
are markup in chat and none is easily said, so the check symbol here comes from the same 32. It is chosen in
the field GF(2^5), where the n-th symbol (check symbol: n = 0) has the weight a^n of a primitive element a,
and the weighted sum of all six is zero. The weights are non-zero and all different, so every single wrong
symbol is caught, and every exchange of two symbols, neighbours or not. A text typed at random passes once in
32.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator
from typing import TypeAlias

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS = 25

# Either a question ("is this an existing code?") or the existing codes themselves, in canonical form.
Known: TypeAlias = Callable[[str], bool] | Iterable[str]

_SYMBOLS = 5
_WORD = _SYMBOLS + 1
_FIELD_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1, which is primitive
_FIELD_SIZE = 32
_VALUE = {symbol: value for value, symbol in enumerate(ALPHABET)}
_LOOK_ALIKE = str.maketrans("OIL", "011")
# What chat, phones and word processors put between, before and after the symbols.
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212_.]+")
_WRAPPING = " \t\r\n\"'`*_~.,;:!?()[]{}<>«»“”„‘’"
_CANONICAL = re.compile(rf"SIP-[{ALPHABET}]{{5}}-[{ALPHABET}]")
_PREFIX = re.compile(r"SIP[\s\-\u2010-\u2015\u2212_.]")


class WrongCode(ValueError):
    """What was typed is no case code. `suggestion` is the code that was probably meant, if there is one.

    The typed text is not repeated here: it may be anything, a personal number too.
    """

    def __init__(self, suggestion: str | None) -> None:
        super().__init__("not a case code")
        self.suggestion = suggestion


def make_code(random_bits: int) -> str:
    """The code for a number of 25 random bits, 0 to 33 554 431."""
    if not 0 <= random_bits < 1 << BITS:
        raise ValueError(f"a code is made from {BITS} bits")
    values = [random_bits >> shift & 31 for shift in range(BITS - 5, -5, -5)]
    symbols = "".join(ALPHABET[value] for value in values)
    return _written(symbols + _check_symbol(symbols))


def is_code(text: str) -> bool:
    """Whether `text` is a case code in canonical form, check symbol and all."""
    return _CANONICAL.fullmatch(text) is not None and _check_symbol(text[4:9]) == text[10]


def parse_code(text: str, *, known: Known | None = None) -> str:
    """The canonical code that `text` means.

    Any case, with or without `SIP-`, with spaces or hyphens anywhere or nowhere, o for 0, i and l for 1.

    Raises `WrongCode`. Its suggestion is an existing code one slip away (a wrong, missing or extra symbol,
    two neighbours exchanged) if `known` finds one; else, for a text that is well-formed but for its check
    symbol, the code with the right one. Whoever passes `known` decides which codes the asker may learn of.
    """
    word = _symbols_of(text)
    if len(word) == _WORD and _VALUE.keys() >= set(word):
        if _check_symbol(word[:_SYMBOLS]) == word[_SYMBOLS]:
            return _written(word)
        repaired = _written(word[:_SYMBOLS] + _check_symbol(word[:_SYMBOLS]))
    else:
        repaired = None
    raise WrongCode(_existing_neighbour(word, known) or repaired)


def _written(word: str) -> str:
    return f"SIP-{word[:_SYMBOLS]}-{word[_SYMBOLS]}"


def _symbols_of(text: str) -> str:
    """The bare symbols of what was typed: upper case, look-alikes mapped, prefix and separators gone."""
    typed = unicodedata.normalize("NFKC", text).upper().strip(_WRAPPING)
    prefixed = _PREFIX.match(typed) is not None
    bare = _SEPARATORS.sub("", typed)
    # Without a separator "SIP" may also be the beginning of the symbols (S1P), so the length decides.
    if prefixed or (bare.startswith("SIP") and len(bare) > _WORD + 1):
        bare = bare.removeprefix("SIP")
    return bare.translate(_LOOK_ALIKE)


def _existing_neighbour(word: str, known: Known | None) -> str | None:
    if known is None or not _SYMBOLS <= len(word) <= _WORD + 1:
        return None
    is_known = known if callable(known) else _container(known).__contains__
    for slip in _slips(word):
        if _VALUE.keys() >= set(slip) and _check_symbol(slip[:_SYMBOLS]) == slip[_SYMBOLS]:
            code = _written(slip)
            if is_known(code):
                return code
    return None


def _container(codes: Iterable[str]) -> Container[str]:
    return codes if isinstance(codes, (set, frozenset)) else frozenset(codes)


def _slips(word: str) -> Iterator[str]:
    """All words of six symbols that `word` becomes by mending one slip, the likeliest slips first."""
    if len(word) == _WORD:
        for n in range(_WORD - 1):
            yield word[:n] + word[n + 1] + word[n] + word[n + 2 :]
        for n in reversed(range(_WORD)):
            yield from (word[:n] + symbol + word[n + 1 :] for symbol in ALPHABET)
    elif len(word) < _WORD:
        for n in reversed(range(_WORD)):
            yield from (word[:n] + symbol + word[n:] for symbol in ALPHABET)
    else:
        for n in reversed(range(len(word))):
            yield word[:n] + word[n + 1 :]


def _check_symbol(symbols: str) -> str:
    """The check symbol that makes the weighted sum zero. Addition is its own inverse in this field."""
    total = 0
    for symbol in reversed(symbols):
        total = _times_a(total ^ _VALUE[symbol])
    return ALPHABET[total]


def _times_a(value: int) -> int:
    doubled = value << 1
    return doubled ^ _FIELD_POLYNOMIAL if doubled >= _FIELD_SIZE else doubled
