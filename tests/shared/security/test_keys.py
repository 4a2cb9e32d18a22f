"""Key files: only public P-256 keys are pinned, only fitting private ones sign."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.security import KeyUnusable, key_set_json, new_key_pair, parse_key_set, parse_signing_key, read_key_set
from shared.security.keys import read_signing_key

FORBIDDING: list[dict[str, Any]] = [
    {"use": "enc"},
    {"use": None},
    {"use": ["sig"]},
    {"key_ops": []},
    {"key_ops": None},
    {"key_ops": "sign verify"},
    {"key_ops": {"sign": 1, "verify": 1}},
    {"key_ops": ["encrypt"]},
    {"use": "enc", "key_ops": ["sign", "verify"]},
    {"use": "sig", "key_ops": ["deriveKey"]},
]
"""What a JWK says of a key that neither signs nor verifies."""


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
        *FORBIDDING,
        {"key_ops": ["sign"]},
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


@pytest.mark.parametrize("changes", [*FORBIDDING, {"key_ops": ["verify"]}])
def test_a_private_key_that_is_not_for_signing_does_not_sign(changes: dict[str, Any]) -> None:
    private, _ = new_key_pair("a")
    with pytest.raises(KeyUnusable):
        parse_signing_key(private | changes)


def test_a_key_may_say_that_it_signs_and_verifies() -> None:
    private, public = new_key_pair("a")
    for said in ({"use": "sig"}, {"key_ops": ["sign"]}, {"key_ops": ["verify", "sign"]}):
        assert parse_signing_key(private | said).kid == "a"
    assert set(parse_key_set({"keys": [public | {"key_ops": ["verify"]}]})) == {"a"}
    del private["use"], public["use"]
    assert parse_signing_key(private).kid in parse_key_set({"keys": [public]})
