"""Keys that only the tests have: to sign certificates as evaluation does, and tokens as the portal does."""

import json
from dataclasses import dataclass

from shared.security import SigningKey, key_set_json, new_key_pair, parse_signing_key
from tests.keys import CERTIFICATE_KID


@dataclass(frozen=True)
class Keys:
    """Public halves as the files of the service hold them, private ones as their owners do."""

    certificate_jwks: str
    certificate_key: SigningKey
    presence_jwks: str
    presence_private: str

    @classmethod
    def make(cls) -> "Keys":
        """New keys."""
        certificate_private, certificate_public = new_key_pair(CERTIFICATE_KID)
        presence_private, presence_public = new_key_pair("presence")
        return cls(
            certificate_jwks=key_set_json([certificate_public]),
            certificate_key=parse_signing_key(certificate_private),
            presence_jwks=key_set_json([presence_public]),
            presence_private=json.dumps(presence_private),
        )
