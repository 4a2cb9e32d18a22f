"""Keys of all services, as the local run makes them, and each service's settings with its own."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from deploy.local.environment import ENCRYPTING_SERVICES
from deploy.local.keys import Keys, Signing, ensure_keys
from shared.contracts.envelope import Envelope, Event
from shared.messaging.records import Record
from shared.messaging.topics import SERVICES, topic_of
from shared.persistence.unit_of_work import partition_of
from shared.security import EventSigner, EventVerifier, Keyring
from shared.security.certificates import KEYS_PATH
from shared.settings import Profile, Settings
from tests.clock import recorded_now

CERTIFICATES_AT = "https://evaluation.test"
CERTIFICATE_KID = f"{CERTIFICATES_AT}{KEYS_PATH}#1"


def make_keys(directory: Path) -> Keys:
    """New keys in files of this directory, of the probe too."""
    services = (*SERVICES, "probe")
    return ensure_keys(directory, services=services, encrypting=ENCRYPTING_SERVICES, certificates_at=CERTIFICATES_AT)


@cache
def all_keys() -> Keys:
    """The keys of this test process."""
    directory = Path(tempfile.mkdtemp(prefix="keys-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return make_keys(directory)


def service_settings(keys: Keys, service: str) -> Settings:
    """Settings of a service's API and worker with the keys that are theirs."""
    files: dict[str, Any] = {
        "presence_jwks_file": keys.public(Signing.PRESENCE),
        "certificate_jwks_file": keys.public(Signing.CERTIFICATES),
        "event_key_file": keys.events(service),
        "event_jwks_file": keys.all_events,
    }
    if service in ENCRYPTING_SERVICES:
        files |= {"field_key_file": keys.field(service), "blind_index_key_file": keys.blind_index(service)}
    if service == "voucher":
        files["presence_key_file"] = keys.private(Signing.PRESENCE)
    if service == "evaluation":
        files["certificate_key_file"] = keys.private(Signing.CERTIFICATES)
    if service == "audit":
        files["tree_head_key_file"] = keys.private(Signing.TREE_HEADS)
        files["tree_head_jwks_file"] = keys.public(Signing.TREE_HEADS)
    return Settings(profile=Profile.TEST, **files)


@cache
def event_signer(service: str) -> EventSigner:
    """Signs events as this service does."""
    return Keyring(service_settings(all_keys(), service)).event_signer


@cache
def event_verifier() -> EventVerifier:
    """Verifies events of every service."""
    return Keyring(service_settings(all_keys(), "probe")).events


def sign_event(event: Event) -> bytes:
    """The event as its owner sends it."""
    return event_signer(event.service).sign(Envelope.around(event, recorded_now()).to_json()).encode()


def record_of(event: Event, position: int = 0) -> Record:
    """The event as it comes from its owner's topic."""
    key = str(event.id).encode()
    return Record(topic_of(event.service), partition_of(event.id), position, sign_event(event), key=key)
