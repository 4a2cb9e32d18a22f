"""Keys come and go while a process runs: a new one counts within seconds, and a withdrawn one does not any more."""

from pathlib import Path

import pytest

from shared.security import EventSignatureInvalid, EventSigner, KeyUnusable, SignatureInvalid, sign_jws, verify_jws
from shared.security import keys as keys_module
from shared.security.event_signatures import read_event_verifier
from shared.security.keys import KeyFile, key_set_json
from shared.security.tokens import TOKEN_TYPES, TokenInvalid, TokenVerifier
from tests.shared.security.conftest import ISSUER, Issuer, claims, make_issuer

DOCUMENT = '{"type":"cn.skillvoucher.voucher.voucher.bound.v1","subject":"1"}'


@pytest.fixture(autouse=True)
def _looked_at_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "LOOK_EVERY_S", 0.0)


def publish(file: Path, *issuers: Issuer) -> None:
    """Put a set of keys in the place of another, as a mounted ConfigMap does."""
    new = file.with_suffix(".new")
    new.write_text(key_set_json([issuer.public_jwk for issuer in issuers]))
    new.replace(file)


def test_a_withdrawn_key_takes_back_the_tokens_that_were_remembered(tmp_path: Path) -> None:
    before, after = make_issuer("before"), make_issuer("after")
    file = tmp_path / "tokens.jwks"
    publish(file, before)
    verifier = TokenVerifier(KeyFile(file), ISSUER)
    old, new = (sign_jws(claims(), issuer.key) for issuer in (before, after))
    verifier.principal_of(old)
    with pytest.raises(TokenInvalid):
        verifier.principal_of(new)
    publish(file, before, after)
    assert verifier.principal_of(new) == verifier.principal_of(old)
    publish(file, after)
    with pytest.raises(TokenInvalid):
        verifier.principal_of(old)
    verifier.principal_of(new)


def test_events_are_verified_by_the_keys_of_now(tmp_path: Path) -> None:
    before, after = make_issuer("voucher/1"), make_issuer("voucher/2")
    file = tmp_path / "events.jwks"
    publish(file, before)
    verifier = read_event_verifier(file)
    old, new = (EventSigner(issuer.key).sign(DOCUMENT).encode() for issuer in (before, after))
    with pytest.raises(EventSignatureInvalid):
        verifier.signer_of(new)
    publish(file, before, after)
    assert [verifier.signer_of(event) for event in (old, new)] == ["voucher", "voucher"]
    publish(file, after)
    with pytest.raises(EventSignatureInvalid):
        verifier.signer_of(old)


@pytest.mark.parametrize("content", ["", "{}", '{"keys": []}', None])
def test_a_file_that_cannot_be_used_changes_nothing(tmp_path: Path, content: str | None) -> None:
    """Nobody is locked out by a slip of the hand; who withdraws a key sees in the log that it has gone."""
    issuer = make_issuer()
    file = tmp_path / "tokens.jwks"
    publish(file, issuer)
    keys = KeyFile(file)
    if content is None:
        file.unlink()
    else:
        file.write_text(content)
    token = sign_jws(claims(), issuer.key)
    assert verify_jws(token, keys, types=TOKEN_TYPES)["iss"] == ISSUER
    another = make_issuer("another")
    publish(file, another)
    with pytest.raises(SignatureInvalid):
        verify_jws(token, keys, types=TOKEN_TYPES)
    assert list(keys) == ["another"]


def test_a_key_that_does_not_belong_there_is_refused_at_the_start_and_later(tmp_path: Path) -> None:
    file = tmp_path / "events.jwks"
    publish(file, make_issuer("nobody's"))
    with pytest.raises(KeyUnusable):
        read_event_verifier(file)
    publish(file, make_issuer("voucher/1"))
    verifier = read_event_verifier(file)
    signed = EventSigner(make_issuer("voucher/9").key).sign(DOCUMENT).encode()
    publish(file, make_issuer("nobody's"))
    with pytest.raises(EventSignatureInvalid):
        verifier.signer_of(signed)


def test_the_file_is_looked_at_every_few_seconds_and_not_more_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys_module, "LOOK_EVERY_S", 1_000.0)
    before, after = make_issuer("before"), make_issuer("after")
    file = tmp_path / "tokens.jwks"
    publish(file, before)
    keys = KeyFile(file)
    publish(file, after)
    assert list(keys) == ["before"]
