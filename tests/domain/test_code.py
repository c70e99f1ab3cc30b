"""Case codes as the contract writes them: typed anyhow, and no slip of the finger opens another case."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.code import ALPHABET, BITS, WrongCode, is_code, make_code, parse_code

CODE = "SIP-7K3QF-M"

codes = st.integers(0, 2**BITS - 1).map(make_code)


def symbols(code: str) -> str:
    return code[4:9] + code[10]


def written(word: str) -> str:
    return f"SIP-{word[:5]}-{word[5]}"


def suggestion_for(text: str, known: set[str] | None = None) -> str | None:
    with pytest.raises(WrongCode) as caught:
        parse_code(text, known=known)
    return caught.value.suggestion


# ---- making ------------------------------------------------------------------------------------------------


def test_the_alphabet_is_crockford_s_base_32() -> None:
    assert len(ALPHABET) == 32
    assert not set("ILOU") & set(ALPHABET)
    assert sorted(ALPHABET) == list(ALPHABET)


@given(st.integers(0, 2**BITS - 1))
def test_a_code_holds_its_25_bits_and_nothing_else(bits: int) -> None:
    code = make_code(bits)

    assert is_code(code)
    assert sum(ALPHABET.index(s) << shift for s, shift in zip(code[4:9], (20, 15, 10, 5, 0), strict=True)) == bits


@pytest.mark.parametrize("bits", [-1, 2**BITS])
def test_a_code_is_not_made_from_more_bits(bits: int) -> None:
    with pytest.raises(ValueError, match="25 bits"):
        make_code(bits)


def test_codes_do_not_change_between_versions() -> None:
    assert [make_code(n) for n in (0, 1, 12_345_678, 2**BITS - 1)] == [
        "SIP-00000-0",
        "SIP-00001-5",
        "SIP-BRRAE-5",
        "SIP-ZZZZZ-1",
    ]


# ---- the check symbol --------------------------------------------------------------------------------------


@given(codes)
def test_every_single_wrong_symbol_is_caught(code: str) -> None:
    word = symbols(code)
    wrong = [
        word[:n] + symbol + word[n + 1 :] for n, symbol in itertools.product(range(6), ALPHABET) if symbol != word[n]
    ]

    assert len(wrong) == 6 * 31
    assert not any(is_code(written(w)) for w in wrong)


def test_every_exchange_of_two_symbols_is_caught() -> None:
    draw = random.Random(26)
    for (i, j), (one, other) in itertools.product(
        itertools.combinations(range(5), 2), itertools.combinations(ALPHABET, 2)
    ):
        # The check is a sum over a field, so what the remaining symbols are makes no difference.
        word = [draw.choice(ALPHABET) for _ in range(5)]
        word[i], word[j] = one, other
        code = make_code(int("".join(f"{ALPHABET.index(s):05b}" for s in word), 2))
        exchanged = list(symbols(code))
        exchanged[i], exchanged[j] = other, one
        assert not is_code(written("".join(exchanged)))


@given(codes)
def test_an_exchange_of_any_symbol_with_the_check_symbol_is_caught(code: str) -> None:
    for n in range(5):
        word = list(symbols(code))
        word[n], word[5] = word[5], word[n]
        assert is_code(written("".join(word))) == (word[n] == word[5])


def test_the_check_symbols_are_spread_evenly() -> None:
    words = [a + b for a, b in itertools.product(ALPHABET, repeat=2)]
    last = [symbols(make_code(int(f"{n:010b}", 2) << 10))[5] for n in range(len(words))]

    assert {last.count(symbol) for symbol in ALPHABET} == {32}


# ---- reading -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "SIP-7K3QF-M",
        "sip-7k3qf-m",
        "Sip 7K3QF M",
        "7K3QF-M",
        "7k3qfm",
        "sip7k3qfm",
        "SIP7K3QF-M",
        "  SIP-7K3QF-M.  ",
        "S I P - 7 K 3 Q F - M",
        "SIP–7K3QF—M",
        "SIP\u20117K3QF\u2011M",
        "`SIP-7K3QF-M`",
        "*SIP-7K3QF-M*",
        "(SIP-7K3QF-M)",
        "“SIP-7K3QF-M”",
        "SIP_7K3QF_M",
        "ＳＩＰ-７Ｋ３ＱＦ-Ｍ",
        "SIP\u00a07K3QF\u00a0M",
    ],
)
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert parse_code(typed) == CODE


@given(codes, st.randoms(use_true_random=False))
def test_case_separators_prefix_and_look_alikes_do_not_matter(code: str, draw: random.Random) -> None:
    looks = {"0": "0oO", "1": "1iIlL"}
    body = "".join(draw.choice(looks.get(s, s + s.lower())) + draw.choice(["", " ", "-"]) for s in symbols(code))
    prefix = draw.choice(["", "SIP-", "sip ", "Sip", "SIP–"])

    assert parse_code(prefix + body) == code


def test_symbols_that_begin_like_the_prefix_are_symbols() -> None:
    code = make_code(int("".join(f"{ALPHABET.index(s):05b}" for s in "S1P7K"), 2))
    assert code.startswith("SIP-S1P7K-")

    typed = symbols(code)
    assert parse_code(typed) == code
    assert parse_code("SIP" + typed[3:]) == code
    assert parse_code("SIPSIP" + typed[3:]) == code
    assert parse_code("sip-" + typed) == code


@pytest.mark.parametrize("text", ["", " ", "SIP", "SIP-", "hej", "191212-1212", "7K3QF", "SIP-7K3QÅ-M", "x" * 9999])
def test_what_is_no_code_is_refused_without_a_guess(text: str) -> None:
    assert suggestion_for(text) is None


def test_the_error_does_not_repeat_what_was_typed() -> None:
    with pytest.raises(WrongCode) as caught:
        parse_code("19121212-1212")

    assert "1212" not in repr(caught.value)
    assert isinstance(caught.value, ValueError)


@given(st.text(max_size=30))
def test_any_text_is_either_a_code_or_a_wrong_code(text: str) -> None:
    try:
        code: str | None = parse_code(text)
    except WrongCode as error:
        code = error.suggestion

    assert code is None or (is_code(code) and parse_code(code) == code)


# ---- "menade du ...?" --------------------------------------------------------------------------------------


@given(codes, st.sampled_from(ALPHABET))
def test_a_wrong_check_symbol_gets_the_code_with_the_right_one(code: str, symbol: str) -> None:
    if symbol != code[10]:
        assert suggestion_for(code[:10] + symbol) == code


@given(codes, st.integers(0, 5), st.sampled_from(ALPHABET))
def test_an_existing_code_one_symbol_away_is_preferred(code: str, place: int, symbol: str) -> None:
    word = symbols(code)
    typed = word[:place] + symbol + word[place + 1 :]

    if typed != word:
        assert suggestion_for(typed, {code}) == code


@given(codes, st.integers(0, 4))
def test_an_existing_code_with_two_neighbours_exchanged_is_found(code: str, place: int) -> None:
    word = symbols(code)
    typed = word[:place] + word[place + 1] + word[place] + word[place + 2 :]

    if typed != word:
        assert suggestion_for(typed, {code}) == code


@given(codes, st.integers(0, 5))
def test_an_existing_code_with_a_symbol_missing_is_found(code: str, place: int) -> None:
    word = symbols(code)

    assert suggestion_for("SIP-" + word[:place] + word[place + 1 :], {code}) == code


@given(codes, st.integers(0, 6), st.sampled_from(ALPHABET))
def test_an_existing_code_with_a_symbol_too_many_is_found(code: str, place: int, symbol: str) -> None:
    word = symbols(code)

    assert suggestion_for("SIP-" + word[:place] + symbol + word[place:], {code}) == code


def test_a_letter_outside_the_alphabet_is_one_wrong_symbol() -> None:
    assert suggestion_for("SIP-7K3QU-M", {CODE}) == CODE
    assert suggestion_for("SIP-7K3QU-M") is None


def test_without_an_existing_neighbour_the_check_symbol_is_put_right() -> None:
    assert suggestion_for("SIP-7K3QF-N", {"SIP-00000-0"}) == CODE


def test_existing_codes_may_be_asked_for_one_by_one() -> None:
    asked: list[str] = []

    def exists(code: str) -> bool:
        asked.append(code)
        return False

    with pytest.raises(WrongCode):
        parse_code("SIP-7K3QF-N", known=exists)

    assert all(map(is_code, asked))
    assert 6 <= len(asked) <= 11


def test_existing_codes_may_be_any_iterable() -> None:
    with pytest.raises(WrongCode) as caught:
        parse_code("7K3QG-M", known=iter([CODE]))

    assert caught.value.suggestion == CODE


def test_a_right_code_is_taken_as_it_is_whether_it_exists_or_not() -> None:
    assert parse_code("sip-7k3qf-m", known=()) == CODE
