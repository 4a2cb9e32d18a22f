"""Signed notes: other programs' read here, ours in their form, and nothing else believed."""

from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.strict_json import encode_base64url
from shared.security import (
    KeyUnusable,
    NoteSigner,
    NoteVerifier,
    SignedNoteInvalid,
    WitnessVerifier,
    new_key_pair,
    parse_key_set,
    parse_signing_key,
    read_note,
    read_signature,
)
from shared.security.notes import key_id
from tests.shared.security.witness import Witness

REKOR_KEY = b"""-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2G2Y+2tabdTV5BcGiBIx0a9fAFwr
kBbmLSGtks4L3qX6yYY0zufBnhC8Ur/iy55GhWP/9A/bY2LhC30M9+RYtw==
-----END PUBLIC KEY-----
"""
REKOR_NOTE = (
    "rekor.sigstore.dev - 2605736670972794746\n93750551\nKgKiXoOl8rM5d4y6Xlbm2QLftvj/FYvTs6z7dJlNO60=\n\n"
    "— rekor.sigstore.dev wNI9ajBEAiBkLzdjY8A9HReU7rmtjwZ+JpSuYtEr9SmvSwUIW7FBjgIgKo+vhkW3tqc+gc8fw9gza3xLoncA8a+"
    "MTaJYCaLGA9c=\n"
)
"""A checkpoint of another log, written by another program."""

ORIGIN = "audit.example/log"
TEXT = f"{ORIGIN}\n7\n{b64encode(bytes(32)).decode()}\n"
PRIVATE, PUBLIC = new_key_pair(f"{ORIGIN}#1")
SIGNER = NoteSigner(parse_signing_key(PRIVATE))
VERIFIER = NoteVerifier(parse_key_set({"keys": [PUBLIC]}))
NOTE = SIGNER.sign(TEXT)


def test_a_checkpoint_of_another_log_is_verified() -> None:
    numbers = load_pem_public_key(REKOR_KEY).public_numbers()  # type: ignore[union-attr]  # an elliptic curve's
    coordinates = {name: encode_base64url(getattr(numbers, name).to_bytes(32, "big")) for name in ("x", "y")}
    keys = parse_key_set({"keys": [{"kty": "EC", "crv": "P-256", "kid": "rekor.sigstore.dev#1", **coordinates}]})
    assert NoteVerifier(keys).verify(REKOR_NOTE).split("\n")[1] == "93750551"
    with pytest.raises(SignedNoteInvalid):
        NoteVerifier(keys).verify(REKOR_NOTE.replace("93750551", "93750552"))


def test_the_id_of_a_key_is_that_of_another_program() -> None:
    """The key that Go's package of signed notes shows in its documentation."""
    name, hexadecimal, content = ["PeterNeumann", "c74f20a3", "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"]
    assert key_id(name, b64decode(content)).hex() == hexadecimal


def test_a_note_is_its_text_and_the_logs_signature() -> None:
    assert VERIFIER.verify(NOTE) == TEXT
    text, (signed,) = read_note(NOTE)
    assert (text, signed.name) == (TEXT, ORIGIN)
    (key,) = VERIFIER.verifier_keys()
    assert key.startswith(f"{ORIGIN}+{signed.key_id.hex()}+AjBZ")


def test_other_signatures_beside_the_logs_change_nothing() -> None:
    note = f"{NOTE}{Witness().cosign(TEXT)}\n{Witness().cosign(TEXT)}\n"
    assert VERIFIER.verify(note) == TEXT
    assert len(read_note(note)[1]) == 3


@given(st.integers(0, len(NOTE) - 1), st.characters(codec="utf-8"))
def test_every_character_counts(at: int, other: str) -> None:
    changed = NOTE[:at] + other + NOTE[at + 1 :]
    if changed == NOTE:
        return
    with pytest.raises(SignedNoteInvalid):
        VERIFIER.verify(changed)


NO_NOTES = {
    "nothing": "",
    "an empty line": "\n\n",
    "a text alone": TEXT,
    "no signature": f"{TEXT}\n",
    "no end of line": NOTE[:-1],
    "a hyphen": NOTE.replace("— ", "- "),
    "no empty line": NOTE.replace("\n\n", "\n"),
    "an empty line at the end": NOTE + "\n",
    "an id alone": f"{TEXT}\n— {ORIGIN} AAAAAA==\n",
    "no base64": f"{TEXT}\n— {ORIGIN} !!!!!!!!!!!!\n",
    "too many signatures": f"{TEXT}\n" + NOTE.split("\n\n")[1] * 65,
    "a witness's alone": f"{TEXT}\n{Witness().cosign(TEXT)}\n",
    "too long": f"{'x' * 70_000}\n{NOTE}",
}


@pytest.mark.parametrize("note", NO_NOTES.values(), ids=NO_NOTES.keys())
def test_what_is_no_note_of_a_known_log(note: str) -> None:
    with pytest.raises(SignedNoteInvalid):
        VERIFIER.verify(note)


def test_a_bad_signature_of_a_known_key_spoils_a_note_with_a_good_one() -> None:
    bad = SIGNER.sign(TEXT.replace("7", "8")).split("\n\n")[1]
    with pytest.raises(SignedNoteInvalid):
        VERIFIER.verify(NOTE + bad)


def test_a_witness_is_believed_about_this_text_and_time() -> None:
    witness, other = Witness(), Witness()
    known = WitnessVerifier([witness.vkey])
    assert known.verifier_keys() == [witness.vkey]
    line = witness.cosign(TEXT)
    found = known.verify(TEXT, read_signature(line))
    assert found is not None
    assert (found.witness, found.seconds, found.line) == ("witness.example/w1", 1_764_000_000, line)
    assert known.verify(TEXT, read_signature(other.cosign(TEXT))) is None
    with pytest.raises(SignedNoteInvalid):
        known.verify(TEXT.replace("7", "8"), read_signature(line))
    later = read_signature(line)
    with pytest.raises(SignedNoteInvalid):
        known.verify(TEXT, type(later)(later.name, later.key_id, bytes(8) + later.signature[8:], line))


@pytest.mark.parametrize("kid", ["no-name", "#1", "with space#1", "with+plus#1", "a#", "a#b#c d"])
def test_a_key_that_names_no_origin_is_refused(kid: str) -> None:
    private, public = new_key_pair(kid)
    with pytest.raises(KeyUnusable):
        NoteSigner(parse_signing_key(private))
    with pytest.raises(KeyUnusable):
        NoteVerifier(parse_key_set({"keys": [public]}))


@pytest.mark.parametrize(
    "spoil",
    [lambda text: text[:-4], lambda text: text.replace("+", "-"), lambda text: "x" + text, lambda text: "",
     lambda text: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"],
    ids=["cut", "hyphens", "another name", "nothing", "not of a witness"],
)  # fmt: skip
def test_what_is_no_key_of_a_witness(spoil: object) -> None:
    with pytest.raises(KeyUnusable):
        WitnessVerifier([spoil(Witness().vkey)])  # type: ignore[operator]  # one of the functions above


def test_only_whole_lines_are_signed() -> None:
    with pytest.raises(ValueError, match="whole lines"):
        SIGNER.sign("half a line")
