"""The kernel imports the standard library and itself, nothing else."""

import ast
import sys
from pathlib import Path

import pytest

KERNEL = Path(__file__).parents[3] / "shared" / "kernel"


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
    assert foreign == set()
