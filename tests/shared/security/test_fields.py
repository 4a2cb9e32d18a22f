"""Encrypted columns open at their own place only; blind indexes match within their own purpose only."""

import json
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.security import FieldCipher, FieldUnreadable, new_field_keys, new_key_text
from shared.settings import Settings, SettingsInvalid

PLACE: dict[str, Any] = {"table": "workers", "column": "id_number", "row": UUID(int=1)}
PLAIN = "410402199001011234"
KEY_TEXT = "A" * 43 + "="


def settings(directory: Path, **changes: Any) -> Settings:
    """Settings whose key files are new."""
    (directory / "field.json").write_text(json.dumps(new_field_keys(2)))
    (directory / "index").write_text(new_key_text() + "\n")
    return Settings(field_key_file=directory / "field.json", blind_index_key_file=directory / "index", **changes)


@pytest.fixture(params=["aes-256-gcm", "sm4-gcm"])
def cipher(request: pytest.FixtureRequest, tmp_path: Path) -> FieldCipher:
    return FieldCipher(settings(tmp_path, field_cipher=request.param))


def test_it_opens_at_its_place(cipher: FieldCipher) -> None:
    for plain in (PLAIN, "", "张三丰", "x" * 10_000):
        assert cipher.decrypt(cipher.encrypt(plain, **PLACE), **PLACE) == plain


def test_it_never_looks_the_same_and_never_shows_the_text(cipher: FieldCipher) -> None:
    first, second = cipher.encrypt(PLAIN, **PLACE), cipher.encrypt(PLAIN, **PLACE)
    assert first != second
    assert PLAIN.encode() not in first
    assert cipher.key_version(first) == 2


@pytest.mark.parametrize("moved", [{"row": UUID(int=2)}, {"column": "phone"}, {"table": "accounts"}])
def test_it_does_not_open_elsewhere(cipher: FieldCipher, moved: dict[str, Any]) -> None:
    with pytest.raises(FieldUnreadable):
        cipher.decrypt(cipher.encrypt(PLAIN, **PLACE), **(PLACE | moved))


def test_a_place_cannot_be_spelt_in_two_ways(cipher: FieldCipher) -> None:
    for table, column, row in product(["a|b", "", "a"], ["b|c", "", "b"], ["c|d", "", "c"]):
        if (table, column, row) != ("a", "b", "c"):
            with pytest.raises(ValueError, match="must be there"):
                cipher.encrypt(PLAIN, table=table, column=column, row=row)


def test_no_bit_can_be_changed(cipher: FieldCipher) -> None:
    ciphertext = cipher.encrypt(PLAIN, **PLACE)
    for bit in range(len(ciphertext) * 8):
        changed = bytearray(ciphertext)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(FieldUnreadable):
            cipher.decrypt(bytes(changed), **PLACE)


def test_no_length_can_be_changed(cipher: FieldCipher) -> None:
    ciphertext = cipher.encrypt(PLAIN, **PLACE)
    for cut in range(len(ciphertext)):
        with pytest.raises(FieldUnreadable):
            cipher.decrypt(ciphertext[:cut], **PLACE)
    with pytest.raises(FieldUnreadable):
        cipher.decrypt(ciphertext + b"\0", **PLACE)


def test_the_key_version_is_authenticated(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(json.dumps({"current": 1, "keys": dict.fromkeys(("1", "2"), new_key_text())}))
    cipher = FieldCipher(Settings(field_key_file=tmp_path / "keys.json"))
    ciphertext = bytearray(cipher.encrypt(PLAIN, **PLACE))
    ciphertext[2] = 2
    with pytest.raises(FieldUnreadable):
        cipher.decrypt(bytes(ciphertext), **PLACE)


def test_old_keys_open_and_new_ones_encrypt(tmp_path: Path) -> None:
    keys = new_field_keys(2)
    (tmp_path / "old.json").write_text(json.dumps({"current": 1, "keys": {"1": keys["keys"]["1"]}}))  # type: ignore[index]  # JSON
    (tmp_path / "new.json").write_text(json.dumps(keys))
    old = FieldCipher(Settings(field_key_file=tmp_path / "old.json"))
    new = FieldCipher(Settings(field_key_file=tmp_path / "new.json", field_cipher="sm4-gcm"))
    assert new.decrypt(old.encrypt(PLAIN, **PLACE), **PLACE) == PLAIN
    with pytest.raises(FieldUnreadable):
        old.decrypt(new.encrypt(PLAIN, **PLACE), **PLACE)


def test_blind_indexes(cipher: FieldCipher, tmp_path_factory: pytest.TempPathFactory) -> None:
    index = cipher.blind_index(PLAIN, purpose="workers.id_number")
    assert index == cipher.blind_index(PLAIN, purpose="workers.id_number")
    assert len(index) == 32
    assert index != cipher.blind_index(PLAIN, purpose="accounts.number")
    assert index != cipher.blind_index(PLAIN[:-1] + "5", purpose="workers.id_number")
    other = FieldCipher(settings(tmp_path_factory.mktemp("other")))
    assert index != other.blind_index(PLAIN, purpose="workers.id_number")
    assert cipher.blind_index("bc", purpose="a") != cipher.blind_index("c", purpose="ab")


def test_no_blind_index_without_its_own_key(tmp_path: Path) -> None:
    whole = settings(tmp_path)
    cipher = FieldCipher(whole.model_copy(update={"blind_index_key_file": None}))
    with pytest.raises(SettingsInvalid, match="BLIND_INDEX_KEY_FILE"):
        cipher.blind_index(PLAIN, purpose="x")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"current": 1, "keys": {}}',
        '{"current": 1, "keys": {"1": "short"}}',
        '{"current": 2, "keys": {"1": "' + KEY_TEXT + '"}}',
        '{"current": "1", "keys": {"1": "' + KEY_TEXT + '"}}',
        '{"current": 0, "keys": {"0": "' + KEY_TEXT + '"}}',
        '{"current": 70000, "keys": {"70000": "' + KEY_TEXT + '"}}',
    ],
)
def test_unusable_key_files(tmp_path: Path, content: str) -> None:
    (tmp_path / "keys.json").write_text(content)
    with pytest.raises(SettingsInvalid) as refused:
        FieldCipher(Settings(field_key_file=tmp_path / "keys.json"))
    assert "=" not in str(refused.value)


@given(plain=st.text(alphabet=st.characters(exclude_categories=["Cs"])), row=st.uuids())
def test_any_text_opens_again(tmp_path_factory: pytest.TempPathFactory, plain: str, row: object) -> None:
    cipher = shared_cipher(tmp_path_factory)
    ciphertext = cipher.encrypt(plain, table="t", column="c", row=str(row))
    assert cipher.decrypt(ciphertext, table="t", column="c", row=str(row)) == plain


_ciphers: list[FieldCipher] = []


def shared_cipher(tmp_path_factory: pytest.TempPathFactory) -> FieldCipher:
    """One cipher for all examples."""
    if not _ciphers:
        _ciphers.append(FieldCipher(settings(tmp_path_factory.mktemp("keys"))))
    return _ciphers[0]
