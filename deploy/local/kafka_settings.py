"""What a Kafka node is started with, here and in the containers: its listeners, and who may come in by which."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from deploy.local.ports import LOOPBACK
from shared.messaging.access import MECHANISM, BrokerAccess
from shared.messaging.topics import PARTITIONS, SERVICES
from shared.settings import SecurityProtocol

NODE = "node"
"""The node itself, on the controller's listener alone, where nobody else is known."""
ADMIN = "admin"
"""Creates topics and rights; the only principal of the clients' listener that needs no rights of its own."""
OBSERVER = "observer"
"""Sees how far topics and groups are, and nothing of what is in them."""
USERS = (ADMIN, OBSERVER, *SERVICES)
"""Who may come in by the clients' listener; each service's worker processes are one principal."""

_PASSWORD_BYTES = 24
_MODULES = "org.apache.kafka.common.security"
_NODE_PROPERTIES = f"""\
process.roles=broker,controller
node.id=1
listeners=SASL_PLAINTEXT://{{address}}:{{port}},CONTROLLER://{LOOPBACK}:{{controller_port}}
advertised.listeners=SASL_PLAINTEXT://{{host}}:{{port}}
listener.security.protocol.map=SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT
inter.broker.listener.name=SASL_PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.voters=1@{LOOPBACK}:{{controller_port}}
sasl.enabled.mechanisms={MECHANISM}
sasl.mechanism.inter.broker.protocol={MECHANISM}
sasl.mechanism.controller.protocol=PLAIN
listener.name.sasl_plaintext.{MECHANISM.lower()}.sasl.jaas.config={_MODULES}.scram.ScramLoginModule required;
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config={_MODULES}.plain.PlainLoginModule required \
username="{NODE}" password="{{node_password}}" user_{NODE}="{{node_password}}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:{ADMIN};User:{NODE}
log.dirs={{data}}
num.partitions={PARTITIONS}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""


def password_name(principal: str) -> str:
    """Under which name a principal's password stands among the other passwords."""
    return f"kafka_{principal}"


PASSWORD_NAMES = tuple(map(password_name, (NODE, *USERS)))


def new_passwords() -> dict[str, str]:
    """A password for each principal, at random."""
    return {name: secrets.token_urlsafe(_PASSWORD_BYTES) for name in PASSWORD_NAMES}


def node_properties(
    *, data: str, port: int, controller_port: int, node_password: str, address: str = LOOPBACK, host: str = LOOPBACK
) -> str:
    """The node's settings, a Java properties file; they hold a password.

    It listens for clients on ``address``, an empty one for all, and names ``host`` to them.
    """
    return _NODE_PROPERTIES.format(
        data=data,
        port=port,
        controller_port=controller_port,
        node_password=node_password,
        address=address,
        host=host,
    )


def scram_arguments(passwords: Mapping[str, str]) -> list[str]:
    """Arguments of the command that formats the storage, by which the users are known from the first start on."""
    return [
        argument
        for user in USERS
        for argument in ("--add-scram", f"{MECHANISM}=[name={user},password={passwords[password_name(user)]}]")
    ]


def local_access(port: int, principal: str, passwords: Mapping[str, str]) -> BrokerAccess:
    """How ``principal`` reaches the node that serves on ``port`` of this machine."""
    return BrokerAccess(
        f"{LOOPBACK}:{port}", principal, passwords[password_name(principal)], SecurityProtocol.SASL_PLAINTEXT
    )
