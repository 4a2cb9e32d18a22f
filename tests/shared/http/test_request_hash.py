"""What is kept of a request's body is no dictionary of the ID and account numbers in it (DOMAIN §4, 14)."""

import json
from pathlib import Path

from shared.http.idempotency import request_hash, request_hasher
from shared.security import new_field_keys, new_key_text
from shared.settings import Settings

REQUEST = ("/v1/accounts", b"", b'{"account_number": "6222020000000001"}')


def settings(directory: Path) -> Settings:
    """Settings of a service that receives personal numbers, with new keys."""
    directory.mkdir()
    (directory / "field.json").write_text(json.dumps(new_field_keys()))
    (directory / "index").write_text(new_key_text())
    return Settings(field_key_file=directory / "field.json", blind_index_key_file=directory / "index")


def test_the_same_request_has_the_same_hash_under_one_key_only(tmp_path: Path) -> None:
    first, second = request_hasher(settings(tmp_path / "first")), request_hasher(settings(tmp_path / "second"))
    assert first(*REQUEST) == first(*REQUEST)
    assert len({first(*REQUEST), second(*REQUEST), request_hash(*REQUEST)}) == 3
    assert first(*REQUEST) != first("/v1/accounts", b"", b'{"account_number": "6222020000000002"}')
    assert len(first(*REQUEST)) == 32


def test_a_service_without_personal_numbers_needs_no_key() -> None:
    assert request_hasher(Settings(blind_index_key_file=None))(*REQUEST) == request_hash(*REQUEST)
