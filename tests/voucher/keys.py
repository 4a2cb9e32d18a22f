"""Keys that only the tests have: to sign certificates as evaluation does, and tokens as the portal does."""

import json
from dataclasses import dataclass
from pathlib import Path

from shared.security import SigningKey, key_set_json, new_field_keys, new_key_pair, new_key_text, parse_signing_key
from shared.settings import Settings
from tests.keys import CERTIFICATE_KID, service_settings


@dataclass(frozen=True)
class Keys:
    """Public halves as the files of the service hold them, private ones as their owners do."""

    certificate_jwks: str
    certificate_key: SigningKey
    presence_jwks: str
    presence_private: str
    field_keys: str
    blind_index_key: str

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
            field_keys=json.dumps(new_field_keys()),
            blind_index_key=new_key_text(),
        )

    def settings(self, directory: Path) -> Settings:
        """Settings of the service with these keys, in files of this directory."""
        return service_settings(
            directory,
            field_key_file=self.field_keys,
            blind_index_key_file=self.blind_index_key,
            certificate_jwks_file=self.certificate_jwks,
            presence_key_file=self.presence_private,
        )
