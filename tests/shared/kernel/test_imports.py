"""The kernel imports the standard library, itself and the generator of its identifiers, nothing else."""

import ast
import sys
from pathlib import Path

import pytest

KERNEL = Path(__file__).parents[3] / "shared" / "kernel"


FOREIGN = {"ids": {"uuid_utils"}}
"""By module, the packages that it alone may import."""


@pytest.mark.parametrize("path", sorted(KERNEL.glob("*.py")), ids=lambda path: path.stem)
def test_kernel_imports(path: Path) -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    foreign = {
        name
        for name in imported
        if name.partition(".")[0] not in sys.stdlib_module_names and not name.startswith("shared.kernel")
    }
    assert foreign == FOREIGN.get(path.stem, set())
