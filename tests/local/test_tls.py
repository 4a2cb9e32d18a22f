"""With TLS on, as in a cluster: server and broker are believed if the authority that we were given signed them."""

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.local import kafka
from deploy.local.kafka_settings import ADMIN, node_properties
from deploy.local.ports import LOOPBACK
from deploy.local.postgres import PostgresServer
from shared.messaging.access import BrokerAccess
from shared.settings import SecurityProtocol
from tests.brokers import new_node

SSL_REQUEST = (8).to_bytes(4) + (80_877_103).to_bytes(4)
"""What a client of PostgreSQL says first when it wants TLS."""


@dataclass(frozen=True)
class Authority:
    """Who signs the certificates of servers: its own, and a server's with its key, PEM."""

    certificate: Path
    server_certificate: str
    server_key: str


def authority(directory: Path, name: str) -> Authority:
    """An authority, and a server on the loopback address that it has signed for."""
    own, server = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer, subject = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)]) for title in (name, "server"))
    began = datetime.now(UTC) - timedelta(minutes=5)

    def certificate(of: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(of).issuer_name(issuer).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(began).not_valid_after(began + timedelta(days=1))

    root = certificate(issuer, own).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(LOOPBACK))])
    leaf = certificate(subject, server).add_extension(address, critical=False).sign(own, hashes.SHA256())
    file = directory / f"{name}.crt"
    file.write_bytes(root.sign(own, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    key = server.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Authority(file, leaf.public_bytes(serialization.Encoding.PEM).decode(), key.decode())


@contextlib.asynccontextmanager
async def tls_before(server: PostgresServer, signed: Authority, directory: Path) -> AsyncIterator[int]:
    """A port at which the server speaks TLS, which its wheel was built without: what it says goes on in the clear."""
    chain = directory / "server.pem"
    chain.write_text(signed.server_certificate + signed.server_key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)

    async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while content := await source.read(65_536):
                sink.write(content)
                await sink.drain()
            sink.close()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(8) == SSL_REQUEST
        writer.write(b"S")
        with contextlib.suppress(ssl.SSLError, OSError):
            await writer.start_tls(context)
            inner_reader, inner_writer = await asyncio.open_connection(LOOPBACK, server.port)
            await asyncio.gather(carry(reader, inner_writer), carry(inner_reader, writer))

    async with await asyncio.start_server(meet, LOOPBACK, 0) as listening:
        yield listening.sockets[0].getsockname()[1]


async def answers(server: PostgresServer, port: int) -> bool:
    """Whether a connection that says nothing of TLS, as all of ours, comes in."""
    url = make_url(server.superuser_dsn).set(drivername="postgresql+asyncpg", port=port)
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return bool((await connection.execute(text("SELECT true"))).scalar_one())
    finally:
        await engine.dispose()


async def test_postgresql_is_believed_by_the_variables_of_its_driver(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`PGSSLMODE=verify-full` and `PGSSLROOTCERT` hold for every connection, as no code of ours says otherwise."""
    ours, another = authority(tmp_path, "ours"), authority(tmp_path, "another")
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    monkeypatch.setenv("PGSSLROOTCERT", str(ours.certificate))
    async with tls_before(postgres, ours, tmp_path) as port:
        assert await answers(postgres, port)
        monkeypatch.setenv("PGSSLROOTCERT", str(another.certificate))
        with pytest.raises(ssl.SSLCertVerificationError):
            await answers(postgres, port)
    with pytest.raises(ConnectionError, match="SSL"):
        await answers(postgres, postgres.port)  # a server without TLS is nobody to trust


@pytest.mark.xdist_group("kafka")
async def test_a_broker_is_believed_by_the_authority_that_the_setting_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, another = authority(tmp_path, "ours"), authority(tmp_path, "another")

    def with_tls(**values: object) -> str:
        properties = node_properties(**values)  # type: ignore[arg-type]  # they are passed on
        stores = {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.key": ours.server_key,
            "ssl.keystore.certificate.chain": ours.server_certificate,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.certificates": ours.certificate.read_text(),
        }
        lines = [f"{name}={value.strip()}".replace("\n", "\\n") for name, value in stores.items()]
        return properties.replace("SASL_PLAINTEXT:SASL_PLAINTEXT", "SASL_PLAINTEXT:SASL_SSL") + "\n".join([*lines, ""])

    monkeypatch.setattr(kafka, "node_properties", with_tls)
    node = new_node(tmp_path / "kafka")
    node.start()
    try:
        access = replace(node.access(ADMIN), security_protocol=SecurityProtocol.SASL_SSL, ca_file=ours.certificate)
        assert await topics(access) == []
        with pytest.raises(KafkaConnectionError):
            await topics(replace(access, ca_file=another.certificate))
    finally:
        node.stop()


async def topics(access: BrokerAccess) -> list[str]:
    """What an administrator sees, as a proof that it came in."""
    admin = AIOKafkaAdminClient(request_timeout_ms=5_000, **access.options())
    try:
        await admin.start()
        return list(await admin.list_topics())
    finally:
        await admin.close()
