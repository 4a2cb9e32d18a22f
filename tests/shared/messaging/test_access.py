"""Who a process is to Kafka, and by which way: never unauthenticated, in production never without TLS."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiokafka.conn import create_conn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.local.kafka import KafkaNode
from deploy.local.ports import LOOPBACK
from shared.messaging.access import BrokerAccess
from shared.settings import Profile, SecurityProtocol, Settings, SettingsInvalid

GIVEN = {"kafka_bootstrap_servers": "kafka.example:9093", "kafka_username": "payout", "kafka_password": "s3cret"}


@dataclass(frozen=True)
class Authority:
    """Signs certificates for brokers."""

    directory: Path
    key: ec.EllipticCurvePrivateKey

    @property
    def file(self) -> Path:
        """Its own certificate, PEM."""
        return self.sign("authority", self.key, ca=True)

    def server(self, address: str) -> ssl.SSLContext:
        """What a broker at `address` shows."""
        key = ec.generate_private_key(ec.SECP256R1())
        key_file = self.directory / "key.pem"
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.sign(address, key, ca=False), key_file)
        return context

    def sign(self, name: str, key: ec.EllipticCurvePrivateKey, *, ca: bool) -> Path:
        """Certify a key; the certificate's file."""
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if not ca:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address(name))]), critical=False
            )
        file = self.directory / f"{name}.pem"
        file.write_bytes(builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        return file


def authority(directory: Path) -> Authority:
    """An authority with its files in `directory`."""
    directory.mkdir()
    return Authority(directory, ec.generate_private_key(ec.SECP256R1()))


@contextlib.asynccontextmanager
async def tls_in_front_of(kafka: KafkaNode, context: ssl.SSLContext) -> AsyncIterator[int]:
    """The node behind TLS; the port."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while received := await reader.read(65_536):
                writer.write(received)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        broker_reader, broker_writer = await asyncio.open_connection(LOOPBACK, kafka.port)
        await asyncio.gather(copy(reader, broker_writer), copy(broker_reader, writer))

    server = await asyncio.start_server(serve, LOOPBACK, 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def sign_in(access: BrokerAccess, port: int) -> None:
    """Connect to the port as `access` says."""
    options = access.options()
    del options["bootstrap_servers"]
    connection = await create_conn(LOOPBACK, port, **options)
    assert connection.connected()
    await connection.close()


@pytest.mark.xdist_group("kafka")
async def test_under_tls_the_broker_shows_a_certificate_for_its_address_by_an_authority_that_is_known(
    kafka: KafkaNode, tmp_path: Path
) -> None:
    known, other = authority(tmp_path / "known"), authority(tmp_path / "other")
    access = replace(kafka.access("payout"), security_protocol=SecurityProtocol.SASL_SSL, ca_file=known.file)
    async with tls_in_front_of(kafka, known.server(LOOPBACK)) as port:
        await sign_in(access, port)
        for not_trusted in (replace(access, ca_file=other.file), replace(access, ca_file=None)):
            with pytest.raises(ssl.SSLCertVerificationError):
                await sign_in(not_trusted, port)
    async with tls_in_front_of(kafka, known.server("127.0.0.2")) as port:
        with pytest.raises(ssl.SSLCertVerificationError):
            await sign_in(access, port)


def test_in_production_plaintext_is_refused_and_tls_is_the_default() -> None:
    with pytest.raises(ValueError, match="SKILL_VOUCHER_KAFKA_SECURITY_PROTOCOL must be SASL_SSL in production"):
        Settings(profile=Profile.PRODUCTION, kafka_security_protocol=SecurityProtocol.SASL_PLAINTEXT)
    access = BrokerAccess.from_settings(settings(profile=Profile.PRODUCTION))
    assert access.security_protocol is SecurityProtocol.SASL_SSL
    tls: ssl.SSLContext = access.options()["ssl_context"]
    assert (tls.verify_mode, tls.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize("missing", GIVEN)
@pytest.mark.parametrize("profile", Profile)
def test_without_credentials_no_process_starts(profile: Profile, missing: str) -> None:
    with pytest.raises(SettingsInvalid, match=f"SKILL_VOUCHER_{missing.upper()} is missing") as refused:
        BrokerAccess.from_settings(settings(profile=profile, without=missing))
    assert "s3cret" not in str(refused.value)


def test_a_password_is_not_shown() -> None:
    assert "s3cret" not in repr(BrokerAccess.from_settings(settings(profile=Profile.LOCAL)))


def settings(*, profile: Profile, without: str = "") -> Settings:
    """A process's settings, one of them left out."""
    given: dict[str, Any] = {name: value for name, value in GIVEN.items() if name != without}
    return Settings(profile=profile, **given)
