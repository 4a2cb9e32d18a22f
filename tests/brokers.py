"""A real Kafka of a test's own."""

from pathlib import Path

from deploy.local.kafka import KafkaNode
from deploy.local.kafka_jars import fetch_jars
from deploy.local.kafka_settings import new_passwords
from deploy.local.ports import random_free


def new_node(directory: Path) -> KafkaNode:
    """A node with its state in `directory`, on ports and with passwords at random; not started."""
    return KafkaNode(
        directory, port=random_free(), controller_port=random_free(), jars=fetch_jars(), passwords=new_passwords()
    )
