"""The guard of typed texts and of the log (law 4D.2). All numbers and addresses here are invented."""

from __future__ import annotations

import itertools
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.code import BITS, is_code, make_code
from domain.text.free_text import Finding, Forbidden, find_forbidden, redact

PERSONAL_NUMBER, PHONE, EMAIL = Forbidden.PERSONAL_NUMBER, Forbidden.PHONE, Forbidden.EMAIL

# Born 12 December 1912, number 1212: the number that Swedish forms show as an example.
NUMBER = "19121212-1212"


def with_check_digit(nine: str) -> str:
    """`YYMMDDNNN` with its Luhn digit."""
    total = sum(sum(map(int, str(int(d) * (2 - n % 2)))) for n, d in enumerate(nine))
    return nine + str(-total % 10)


def kinds(text: str) -> list[Forbidden]:
    return [finding.kind for finding in find_forbidden(text)]


birthdays = st.dates(date(1900, 1, 1), date(2030, 12, 31))
serials = st.integers(0, 999).map(lambda n: f"{n:03}")


# ---- personal numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "19121212-1212",
        "191212121212",
        "121212-1212",
        "1212121212",
        "121212+1212",
        "19121212+1212",
        "121212 1212",
        "19121212 1212",
        "19121212 - 1212",
        "1912-12-12-1212",
        "1912-12-12 1212",
        "1912 12 12 1212",
        "19 12 12 12 1212",
        "12 12 12-1212",
        "12.12.12-1212",
        "12/12 12-1212",
        "19 12 12 12 12 12",
        "1 2 1 2 1 2 1 2 1 2",
        "1 9 1 2 1 2 1 2 - 1 2 1 2",
        "１９１２１２１２-１２１２",
        "١٩١٢١٢١٢-١٢١٢",
        "𝟏𝟗𝟏𝟐𝟏𝟐𝟏𝟐-𝟏𝟐𝟏𝟐",
        "19121212–1212",
        "19121212−1212",
        "19121212\u20111212",
        "19121212\u00a01212",
        "1912\u200b1212\u00ad-12\u206012",
        "1️⃣2️⃣1️⃣2️⃣1️⃣2️⃣1️⃣2️⃣1️⃣2️⃣",
    ],
)
@pytest.mark.parametrize("around", ["{}", "Pnr:{}.", "gäller ({}), ring", "pnr{}", "rum 19 05 {} 2 barn"])
def test_a_personal_number_is_found_however_it_is_written(written: str, around: str) -> None:
    # A row of numbers that goes on is no personal number.
    if around.startswith("rum") and len(written.split()) > 4:
        around = "rum A, {} och 2 barn"
    text = around.format(written)

    assert find_forbidden(text) == (Finding(PERSONAL_NUMBER, text.index(written), text.index(written) + len(written)),)


@given(
    birthdays,
    serials,
    st.sampled_from(["", "-", "+", " "]),
    st.sampled_from(["%Y", "%y"]),
    st.sampled_from([0, 60]),
)
def test_every_personal_and_coordination_number_is_found(
    born: date, serial: str, separator: str, year: str, added: int
) -> None:
    ten = with_check_digit(f"{born:%y%m}{born.day + added:02}{serial}")
    written = f"{born.strftime(year)}{ten[2:6]}{separator}{ten[6:]}"

    assert kinds(f"Det gäller {written}.") == [PERSONAL_NUMBER]


@given(birthdays, serials, st.integers(1, 9))
def test_a_number_with_a_wrong_check_digit_is_no_personal_number(born: date, serial: str, off: int) -> None:
    ten = with_check_digit(f"{born:%y%m%d}{serial}")
    wrong = f"{ten[:9]}{(int(ten[9]) + off) % 10}"

    assert PERSONAL_NUMBER not in kinds(f"Det gäller {born.year // 100}{wrong[:6]}-{wrong[6:]}.")


@pytest.mark.parametrize("date_part", ["130229", "121312", "120012", "121200", "121232", "121292", "120491"])
def test_a_number_without_a_possible_date_is_no_personal_number(date_part: str) -> None:
    ten = with_check_digit(f"{date_part}123")

    assert PERSONAL_NUMBER not in kinds(f"{ten[:6]}-{ten[6:]}")


def test_nobody_is_born_in_another_century() -> None:
    assert kinds("2 2 1 2 1 2 1 2 1 2 1 2") == []
    assert kinds("1 9 1 2 1 2 1 2 1 2 1 2") == [PERSONAL_NUMBER]


def test_29_february_is_a_birthday_in_leap_years_only() -> None:
    in_2000, in_1999 = with_check_digit("000229123"), with_check_digit("990229123")

    assert kinds(f"{in_2000} 20{in_2000}") == [PERSONAL_NUMBER, PERSONAL_NUMBER]
    assert kinds(f"19{in_2000}") == []
    assert kinds(in_1999) == []


@pytest.mark.parametrize("number", ["556036-0793", "5560360793", "16556036-0793", "212000-0803", "802002-4280"])
def test_an_organisation_number_passes(number: str) -> None:
    assert find_forbidden(f"Org.nr {number}") == ()


@given(st.integers(20, 99), st.integers(1, 9), st.integers(0, 99), serials)
def test_no_organisation_number_is_taken_for_a_person(middle: int, first: int, third: int, serial: str) -> None:
    ten = with_check_digit(f"{first}0{middle}{third:02}{serial}")

    assert PERSONAL_NUMBER not in kinds(f"Org.nr {ten[:6]}-{ten[6:]}")


def test_each_of_several_numbers_is_found() -> None:
    assert kinds(f"{NUMBER}, {NUMBER}; {NUMBER}\n{NUMBER}") == [PERSONAL_NUMBER] * 4


# ---- phone numbers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "0701740605",
        "070-174 06 05",
        "070-1740605",
        "070 174 06 05",
        "070 - 174 06 05",
        "0701-74 06 05",
        "070.174.06.05",
        "070/174 06 05",
        "(070) 174 06 05",
        "070-123 4567",
        "+46701740605",
        "+46 70 174 06 05",
        "+46 (0)70-174 06 05",
        "+46(0)701740605",
        "0046701740605",
        "0046 70 174 06 05",
        "00 46 70 174 06 05",
        "+46 8 12 34 56",
        "+45 12 34 56 78",
        "+358401234567",
        "08-12 34 56",
        "08-123 456 78",
        "08-1234567",
        "08-123 45 67",
        "0812345678",
        "(08) 123 45 67",
        "08 12 34 56",
        "0498-20 00 00",
        "0498-200000",
        "0498 20 00 00",
        "0498-20-00-00",
        "0498200000",
        "0971-123 45",
        "031-12 34 56",
        "031-123 45 67",
        "010-123 45 67",
        "020-12 34 56",
        "０７０-１７４ ０６ ０５",
        "070–174 06 05",
        "070\u00a0174\u00a006\u00a005",
        "070\u200b1740605",
    ],
)
@pytest.mark.parametrize("around", ["{}", "ring {}.", "tel:{}", "*{}*", "mobil ({})", "Ring {} efter kl 14"])
def test_a_phone_number_is_found_however_it_is_written(written: str, around: str) -> None:
    text = around.format(written)
    found = find_forbidden(text)

    assert [finding.kind for finding in found] == [PHONE]
    # A bracket that opens the number may be counted in.
    assert text[found[0].start : found[0].end].strip("()").endswith(written.strip("()")[-4:])


@pytest.mark.parametrize(
    "text",
    [
        "0701740605/0701740606",
        "070-174 06 05 / 08-12 34 56",
        "0701740605,0701740606",
        "0498-200000-0498-200001",
    ],
)
def test_each_of_two_phone_numbers_is_found(text: str) -> None:
    assert kinds(text) == [PHONE, PHONE]


def test_a_phone_number_before_another_number_is_found() -> None:
    assert redact("0498-20 00 00 12 barn") == "[telefon] 12 barn"
    assert redact("08-12 34 56, 2026-01-07") == "[telefon], 2026-01-07"
    assert redact("+46 70 174 06 05 2026-01-07") == "[telefon] 2026-01-07"


# ---- mail addresses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "anna.berg@example.se",
        "ANNA@EXAMPLE.SE",
        "a+b_c@mail.example.co.uk",
        "anna@åre.example",
        "åsa@example.se",
        "anna＠example.se",
        "an\u200bna@example.se",
    ],
)
@pytest.mark.parametrize("around", ["{}", "Skriv till {}, tack", "<{}>", "mailto:{}", "({})"])
def test_a_mail_address_is_found(address: str, around: str) -> None:
    assert kinds(around.format(address)) == [EMAIL]


# ---- what passes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Mötet är 2026-01-07 kl 14:00 i rum 12-34.",
        "2026-01-07 14:00-15:30",
        "kl 08.15-16.30",
        "kl 0815-1630",
        "kl 0730-0830 12 dec",
        "kl 0915-1030 11 dec",
        "kl 08-12 2026",
        "kl 08–12 och 13–16",
        "08-12-2026",
        "08.12.2026",
        "08 12 2026",
        "08122026",
        "01012026 10:00",
        "2026-01-08 12 30 45",
        "2026-01-07--2026-02-08",
        "2026-01-07 - 2026-02-08",
        "2026-01-07/2026-02-08",
        "2026-12-12 2026/1234",
        "20260107-20260208",
        "260107-260208",
        "vecka 2601-2612, åren 2024 2025 2026",
        "Dnr 2026/1234",
        "Dnr SN 2026/01234567",
        "SN 2026-0812345",
        "rum 0812, plan 3, hus 07",
        "621 81 Visby, box 1234",
        "bankgiro 5050-1055",
        "samtal med 3 av 10, sidorna 10, 11, 12, 13 och 14",
        "sidorna 10 11 12 13 14 15 16 17",
        "1 2 3 4 5 6 7 8 9 10 11 12",
        "R34, R48 och R161 i 004:L497",
        "1930:173 § 2 och 2017:612",
        "112 och 1177",
        "1700000000.123456",
        "1712121212.123456",
        "1712121212123",
        "p1712121212123456",
        "U0191212121 C0SOC T0",
        "<@U0ANNA> <#C0SOC>",
        "slack:person:T0/U0ANNA",
        "@anna:example.se",
        "!abc:example.se $event:example.se",
        "möte @ kansliet",
        "2026-11-21T22:24:12.081234567Z",
        "2026-11-21 22:24:12,123 +0100",
        "took 0.0812345678 s, 13.0701740605 ms",
        "4f9c0d2e-81b7-4aa0-9c07-0812345678ab",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "1234567890123456",
        "0000000000",
        "00000000",
        "2026112122",
    ],
)
def test_what_people_and_programs_write_passes(text: str) -> None:
    assert find_forbidden(text) == ()
    assert redact(text) is text


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001
    st.timedeltas(timedelta(minutes=15), timedelta(days=3)),
)
def test_dates_and_times_of_meetings_pass(start: datetime, length: timedelta) -> None:
    end = start + length
    texts = (
        f"{start:%Y-%m-%d %H:%M}–{end:%H:%M}",
        f"{start:%Y-%m-%d} kl {start:%H.%M}-{end:%H.%M}",
        f"{start:%Y-%m-%d}–{end:%Y-%m-%d}",
        f"{start:%Y-%m-%d} - {end:%Y-%m-%d}",
        f"{start:%d-%m-%Y}, {start:%d.%m.%Y}, {start:%d/%m %Y}, {start:%y%m%d}, {start:%Y%m%d}",
        f"kl {start:%H%M}-{end:%H%M} {start:%d}/{start:%m}",
        start.isoformat(),
    )

    assert [text for text in texts if find_forbidden(text)] == []


@given(st.integers(0, 2**BITS - 1), st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.times())
def test_case_codes_pass_with_whatever_stands_around(bits: int, day: date, at: time) -> None:
    code = make_code(bits)

    assert find_forbidden(f"{code} {day} {at:%H:%M}, {code.lower()} {day.year}/1234") == ()


@given(st.integers(10**12, 10**13 - 1))
def test_numbers_of_thirteen_digits_pass(number: int) -> None:
    assert find_forbidden(f"id {number}") == ()


@given(st.integers(1_380_000_000, 2**31), st.integers(0, 999_999))
def test_slack_time_stamps_pass(seconds: int, micros: int) -> None:
    assert find_forbidden(f"ts={seconds}.{micros:06}") == ()


# ---- checking and redacting --------------------------------------------------------------------------------


def test_findings_come_in_order_with_their_places() -> None:
    text = f"anna@example.se, {NUMBER}, 070-174 06 05"

    assert [(f.kind, text[f.start : f.end]) for f in find_forbidden(text)] == [
        (EMAIL, "anna@example.se"),
        (PERSONAL_NUMBER, NUMBER),
        (PHONE, "070-174 06 05"),
    ]


def test_a_finding_does_not_repeat_what_was_typed() -> None:
    assert "1212" not in repr(find_forbidden(f"123456 {NUMBER}"))


def test_an_allowed_address_hides_no_personal_number() -> None:
    assert kinds("19121212-1212@example.se") == [PERSONAL_NUMBER]


def test_a_code_with_a_wrong_check_symbol_hides_no_number() -> None:
    assert not is_code("SIP-07017-4")
    assert kinds("SIP-07017-4 0605") == [PHONE]


def test_redaction_says_what_stood_there() -> None:
    text = f"Ring 070-174 06 05 eller skriv till anna@example.se om {NUMBER}!"

    assert redact(text) == "Ring [telefon] eller skriv till [e-post] om [personnummer]!"


def test_redaction_keeps_odd_characters_around() -> None:
    assert redact("“１９１２１２１２–１２１２” ½ … 🙂 \u200bslut") == "“[personnummer]” ½ … 🙂 \u200bslut"


@given(st.text(max_size=80))
def test_redacting_any_text_leaves_nothing_to_find(text: str) -> None:
    findings = find_forbidden(text)

    assert all(0 <= f.start < f.end <= len(text) for f in findings)
    assert all(before.end <= after.start for before, after in itertools.pairwise(findings))
    assert find_forbidden(redact(text)) == ()


@given(st.text(alphabet="0127 -+./@a:(", max_size=60))
def test_redacting_any_row_of_digits_leaves_nothing_to_find(text: str) -> None:
    findings = find_forbidden(text)

    assert all(before.end <= after.start for before, after in itertools.pairwise(findings))
    assert find_forbidden(redact(text)) == ()
