"""State directories for tests that run a whole system beside others on the same machine."""

from pathlib import Path

from deploy.local.environment import LocalEnvironment
from deploy.local.files import write_json
from deploy.local.ports import scatter

PROJECT = Path(__file__).resolve().parents[2]


def scatter_ports(root: Path, *, workers: int = 1) -> Path:
    """Make the state directory `root` with ports at random, which two runs hardly ever want at once."""
    names = LocalEnvironment.prepare(PROJECT, root, workers=workers).ports
    write_json(root / "ports.json", scatter(names))
    return root
