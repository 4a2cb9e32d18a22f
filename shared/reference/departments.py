"""The departments that organise training in their own fields (§三(二))."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.kernel.errors import Invalid
from shared.reference.tables import read_table


class DepartmentUnknown(Invalid):
    """A code that is no department of the policy."""

    code = "department_unknown"
    policy = "§三(二)"
    zh, en = "部门代码不存在", "There is no department of this code."


@dataclass(frozen=True, slots=True)
class Department:
    """A department; `leads` says in plain words what it leads, and is empty where the policy does not say."""

    code: str
    name_zh: str
    name_en: str
    leads: str


DEPARTMENTS: Mapping[str, Department] = MappingProxyType(
    {
        row["code"]: Department(row["code"], row["name_zh"], row["name_en"], row["leads"])
        for row in read_table("departments")
    }
)
"""Every department by code, in the policy's order."""


def department(code: str) -> Department:
    """The department of this code; raises `DepartmentUnknown`."""
    found = DEPARTMENTS.get(code)
    if found is None:
        raise DepartmentUnknown
    return found
