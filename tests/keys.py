"""Keys of all services, as the local run makes them, and each service's settings with its own."""

from pathlib import Path
from typing import Any

from deploy.local.environment import ENCRYPTING_SERVICES
from deploy.local.keys import Keys, Signing, ensure_keys
from shared.security.certificates import KEYS_PATH
from shared.settings import Profile, Settings

CERTIFICATES_AT = "https://evaluation.test"
CERTIFICATE_KID = f"{CERTIFICATES_AT}{KEYS_PATH}#1"


def make_keys(directory: Path) -> Keys:
    """New keys in files of this directory."""
    return ensure_keys(directory, encrypting=ENCRYPTING_SERVICES, certificates_at=CERTIFICATES_AT)


def service_settings(keys: Keys, service: str) -> Settings:
    """Settings of a service's API and worker with the keys that are theirs."""
    files: dict[str, Any] = {
        "presence_jwks_file": keys.public(Signing.PRESENCE),
        "certificate_jwks_file": keys.public(Signing.CERTIFICATES),
    }
    if service in ENCRYPTING_SERVICES:
        files |= {"field_key_file": keys.field(service), "blind_index_key_file": keys.blind_index(service)}
    if service == "voucher":
        files["presence_key_file"] = keys.private(Signing.PRESENCE)
    if service == "evaluation":
        files["certificate_key_file"] = keys.private(Signing.CERTIFICATES)
    return Settings(profile=Profile.TEST, **files)
