"""Keys, tokens, signatures, encrypted columns, masks. The only room that imports jose."""

from shared.security.certificates import (
    CertificateFacts,
    CertificateSignatureInvalid,
    sign_certificate,
    verify_certificate,
)
from shared.security.digests import is_subject, new_salt, subject_digest
from shared.security.event_signatures import EventSignatureInvalid, EventSigner, EventVerifier
from shared.security.fields import FieldCipher, FieldUnreadable, new_field_keys, new_key_text
from shared.security.keyring import Keyring
from shared.security.keys import (
    KeySet,
    KeyUnusable,
    SigningKey,
    key_set_json,
    new_key_pair,
    parse_key_set,
    parse_signing_key,
    published,
    read_key_set,
    read_signing_key,
)
from shared.security.masking import mask_account, mask_citizen_id, mask_name, mask_phone
from shared.security.notes import (
    Cosignature,
    NoteSignature,
    NoteSigner,
    NoteVerifier,
    SignedNoteInvalid,
    WitnessVerifier,
    read_note,
    read_signature,
)
from shared.security.presence import (
    PaymentMandate,
    PresenceCode,
    PresenceCodeExpired,
    PresenceCodeInvalid,
    read_presence_code,
    sign_presence_code,
)
from shared.security.principals import (
    ANSWERABLE,
    AreaOutsideScope,
    PersonNotRegistered,
    Principal,
    Role,
    ScopeMissing,
    WholeCityNeeded,
)
from shared.security.signatures import SignatureInvalid, sign_jws, verify_jws
from shared.security.tokens import TokenInvalid, TokenMissing, TokenVerifier

__all__ = [
    "ANSWERABLE",
    "AreaOutsideScope",
    "CertificateFacts",
    "CertificateSignatureInvalid",
    "Cosignature",
    "EventSignatureInvalid",
    "EventSigner",
    "EventVerifier",
    "FieldCipher",
    "FieldUnreadable",
    "KeySet",
    "KeyUnusable",
    "Keyring",
    "NoteSignature",
    "NoteSigner",
    "NoteVerifier",
    "PaymentMandate",
    "PersonNotRegistered",
    "PresenceCode",
    "PresenceCodeExpired",
    "PresenceCodeInvalid",
    "Principal",
    "Role",
    "ScopeMissing",
    "SignatureInvalid",
    "SignedNoteInvalid",
    "SigningKey",
    "TokenInvalid",
    "TokenMissing",
    "TokenVerifier",
    "WholeCityNeeded",
    "WitnessVerifier",
    "is_subject",
    "key_set_json",
    "mask_account",
    "mask_citizen_id",
    "mask_name",
    "mask_phone",
    "new_field_keys",
    "new_key_pair",
    "new_key_text",
    "new_salt",
    "parse_key_set",
    "parse_signing_key",
    "published",
    "read_key_set",
    "read_note",
    "read_presence_code",
    "read_signature",
    "read_signing_key",
    "sign_certificate",
    "sign_jws",
    "sign_presence_code",
    "subject_digest",
    "verify_certificate",
    "verify_jws",
]
