"""Key files: only public P-256 keys are pinned, only fitting private ones sign."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.security import KeyUnusable, key_set_json, new_key_pair, parse_key_set, parse_signing_key, read_key_set
from shared.security.keys import read_signing_key


def test_files(tmp_path: Path) -> None:
    private, public = new_key_pair("a")
    (tmp_path / "private.json").write_text(json.dumps(private))
    (tmp_path / "public.json").write_text(key_set_json([public, new_key_pair("b")[1]]))
    assert read_signing_key(tmp_path / "private.json").kid == "a"
    assert set(read_key_set(tmp_path / "public.json")) == {"a", "b"}
    (tmp_path / "public.json").write_text("{")
    with pytest.raises(KeyUnusable):
        read_key_set(tmp_path / "public.json")
    with pytest.raises(KeyUnusable):
        read_key_set(tmp_path / "none.json")


@pytest.mark.parametrize(
    "changes",
    [
        {"kty": "oct"},
        {"kty": "RSA"},
        {"crv": "P-384"},
        {"alg": "HS256"},
        {"x": "AAAA"},
        {"x": None},
        {"x": "A" * 43},
        {"kid": ""},
        {"kid": 5},
        {"kid": None},
        {"d": "A" * 43},
    ],
)
def test_unusable_public_keys(changes: dict[str, Any]) -> None:
    _, public = new_key_pair("a")
    with pytest.raises(KeyUnusable):
        parse_key_set({"keys": [public | changes]})


@pytest.mark.parametrize("document", [None, [], {}, {"keys": []}, {"keys": {}}, {"keys": [1]}, "text"])
def test_unusable_key_sets(document: object) -> None:
    with pytest.raises(KeyUnusable):
        parse_key_set(document)


def test_a_kid_names_one_key() -> None:
    with pytest.raises(KeyUnusable):
        parse_key_set({"keys": [new_key_pair("a")[1], new_key_pair("a")[1]]})


def test_halves_of_different_keys_do_not_sign() -> None:
    private, _ = new_key_pair("a")
    _, other = new_key_pair("a")
    with pytest.raises(KeyUnusable):
        parse_signing_key(private | {"x": other["x"], "y": other["y"]})
    with pytest.raises(KeyUnusable):
        parse_signing_key(other)
    with pytest.raises(KeyUnusable):
        parse_signing_key([])
