"""The keys of one application or worker, and of nobody else in the same process."""

from functools import cached_property

from shared.security.certificates import read_certificate_keys, read_certificate_signing_key
from shared.security.event_signatures import EventSigner, EventVerifier, read_event_signer, read_event_verifier
from shared.security.fields import FieldCipher
from shared.security.keys import KeySet, SigningKey, read_key_set, read_signing_key
from shared.security.notes import (
    NoteSigner,
    NoteVerifier,
    WitnessVerifier,
    read_note_signer,
    read_note_verifier,
    read_witness_verifier,
)
from shared.settings import Settings


class Keyring:
    """The keys that `settings` name: each file is read when its key is first asked for, and once.

    `SettingsInvalid` or `KeyUnusable` when a key is asked for that is not there.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def fields(self) -> FieldCipher:
        """The cipher of encrypted columns and blind indexes."""
        return FieldCipher(self._settings)

    @cached_property
    def event_signer(self) -> EventSigner:
        """Signs the events of this process's service."""
        return read_event_signer(self._settings.need_file("event_key_file"))

    @cached_property
    def events(self) -> EventVerifier:
        """Verifies the events of every service."""
        return read_event_verifier(self._settings.need_file("event_jwks_file"))

    @cached_property
    def event_key_set(self) -> KeySet:
        """Public keys of every service's events."""
        return read_key_set(self._settings.need_file("event_jwks_file"))

    @cached_property
    def presence(self) -> KeySet:
        """Public keys of presence codes."""
        return read_key_set(self._settings.need_file("presence_jwks_file"))

    @cached_property
    def presence_signing(self) -> SigningKey:
        """Private key of presence codes; only the voucher API has it."""
        return read_signing_key(self._settings.need_file("presence_key_file"))

    @cached_property
    def certificates(self) -> KeySet:
        """Public keys of certificates."""
        return read_certificate_keys(self._settings.need_file("certificate_jwks_file"))

    @cached_property
    def certificate_signing(self) -> SigningKey:
        """Private key of certificates; only the evaluation API has it."""
        return read_certificate_signing_key(self._settings.need_file("certificate_key_file"))

    @cached_property
    def tree_heads(self) -> NoteVerifier:
        """Verifies signed heads of the log's tree."""
        return read_note_verifier(self._settings.need_file("tree_head_jwks_file"))

    @cached_property
    def tree_head_signing(self) -> NoteSigner:
        """Signs heads of the log's tree; only audit's worker process can."""
        return read_note_signer(self._settings.need_file("tree_head_key_file"))

    @cached_property
    def witnesses(self) -> WitnessVerifier:
        """Verifies cosignatures of witnesses; knows none if no file names any."""
        if self._settings.witness_key_file is None:
            return WitnessVerifier([])
        return read_witness_verifier(self._settings.need_file("witness_key_file"))
