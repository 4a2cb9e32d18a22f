"""A real Kafka of a test's own."""

from pathlib import Path

from deploy.local.kafka import KafkaNode
from deploy.local.kafka_jars import fetch_jars
from deploy.local.kafka_settings import new_passwords
from deploy.local.ports import scatter


def new_node(directory: Path) -> KafkaNode:
    """A node with its state in `directory`, on ports and with passwords at random; not started."""
    ports = scatter(("port", "controller_port"))
    return KafkaNode(
        directory,
        port=ports["port"],
        controller_port=ports["controller_port"],
        jars=fetch_jars(),
        passwords=new_passwords(),
    )
