"""Encryption at rest: bound to its place, readable after a rotation, and with keys that never show."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.errors import Invalid
from storage.encryption.cipher import DataKey, Keyring, fresh_key
from storage.errors import Undecipherable

PLACE = "case|SIP-7K3QX-M|document"


def test_what_was_sealed_opens_at_its_own_place(keyring: Keyring) -> None:
    assert keyring.open(keyring.seal(b"text", PLACE), PLACE) == b"text"


def test_a_ciphertext_moved_to_another_row_is_refused(keyring: Keyring) -> None:
    sealed = keyring.seal(b"text", PLACE)
    with pytest.raises(Undecipherable):
        keyring.open(sealed, "case|SIP-9AB2C-D|document")


def test_every_changed_byte_is_noticed(keyring: Keyring) -> None:
    sealed = keyring.seal(b"text", PLACE)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(Undecipherable):
            keyring.open(bytes(changed), PLACE)


def test_a_cut_ciphertext_is_refused_whatever_is_left_of_it(keyring: Keyring) -> None:
    sealed = keyring.seal(b"text", PLACE)
    for length in range(len(sealed)):
        with pytest.raises(Undecipherable):
            keyring.open(sealed[:length], PLACE)


def test_the_same_text_is_never_sealed_alike(keyring: Keyring) -> None:
    assert len({keyring.seal(b"text", PLACE) for _ in range(100)}) == 100


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    old, new = fresh_key(), fresh_key()
    sealed = Keyring([old]).seal(b"text", PLACE)
    rotated = Keyring([new, old])
    assert rotated.open(sealed, PLACE) == b"text"
    assert rotated.needs_rotation(sealed)
    assert not rotated.needs_rotation(rotated.seal(b"text", PLACE))
    with pytest.raises(Undecipherable):
        Keyring([new]).open(sealed, PLACE)


def test_sub_keys_differ_by_purpose_and_survive_a_rotation() -> None:
    old, new = fresh_key(), fresh_key()
    before, after = Keyring([old]), Keyring([new, old])
    assert before.derive("journal") != before.derive("inbox")
    assert after.derive("journal") != before.derive("journal")
    assert after.derive("journal", before.newest) == before.derive("journal")
    with pytest.raises(Undecipherable):
        Keyring([new]).derive("journal", before.newest)


@pytest.mark.parametrize(
    "secrets",
    [
        pytest.param([], id="none"),
        pytest.param([""], id="empty"),
        pytest.param(["not base64!"], id="not base64"),
        pytest.param([base64.urlsafe_b64encode(bytes(31)).decode()], id="31 bytes"),
        pytest.param([base64.urlsafe_b64encode(bytes(range(32))).decode()] * 2, id="twice the same"),
    ],
)
def test_unusable_keys_are_refused_without_being_repeated(secrets: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        Keyring(secrets)
    assert all(secret not in repr(refused.value) for secret in secrets if secret)


def test_keys_may_be_written_with_or_without_padding() -> None:
    key = fresh_key()
    assert Keyring([key]).newest == Keyring([key.rstrip("=") + " "]).newest


def test_a_keyring_does_not_show_its_keys() -> None:
    key = fresh_key()
    raw = base64.urlsafe_b64decode(key)
    shown = repr(Keyring([key]))
    assert key not in shown
    assert raw.hex() not in shown


def test_a_cases_key_opens_nothing_of_another_case() -> None:
    one, other = DataKey(DataKey.fresh()), DataKey(DataKey.fresh())
    sealed = one.seal(b"text", PLACE)
    assert one.open(sealed, PLACE) == b"text"
    for key, place in ((other, PLACE), (one, "case|SIP-7K3QX-M|journal|1")):
        with pytest.raises(Undecipherable):
            key.open(sealed, place)
    with pytest.raises(Undecipherable):
        one.open(b"", PLACE)


def test_threads_may_share_a_keyring(keyring: Keyring) -> None:
    def there_and_back(number: int) -> bool:
        text = str(number).encode()
        return keyring.open(keyring.seal(text, PLACE), PLACE) == text

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(there_and_back, range(2000)))
