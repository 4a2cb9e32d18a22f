"""Every route of the five services, with bodies that are well formed, for the walk of all roles through all routes."""

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from shared.http.route import UnitOfWorkRoute
from shared.kernel.citizen_id import make_citizen_id
from shared.kernel.credit_code import make_credit_code
from shared.security import Role

SERVICES = ("voucher", "training", "evaluation", "payout", "audit")
FAR_AREA = "410482"
FAR_CODE = make_credit_code("410482", 99_000_001)


@dataclass(frozen=True)
class ApiRoute:
    """A route: who may use it, and what its body looks like."""

    service: str
    method: str
    path: str
    roles: frozenset[Role] | None
    schema: dict[str, Any] | None
    components: dict[str, Any]

    @property
    def name(self) -> str:
        """For the test's own name."""
        return f"{self.service} {self.method} {self.path}"

    @property
    def names_something(self) -> bool:
        """Whether the path says whose it is."""
        return "{" in self.path

    def filled(self, ids: dict[str, str]) -> str:
        """The path with ids from `ids`, or with ids of nothing."""
        return re.sub(r"{(\w+)}", lambda found: ids.get(found.group(1), str(uuid4())), self.path)

    def body(self) -> Any:
        """A well-formed body that means nothing."""
        return None if self.schema is None else sample(self.schema, self.components)


def api_routes() -> Iterator[ApiRoute]:
    """Every route of every service."""
    for service in SERVICES:
        app = importlib.import_module(f"services.{service}.main").app()
        document = app.openapi()
        roles = permissions(service)
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                key = (method.upper(), path)
                if key not in roles:
                    continue
                content = operation.get("requestBody", {}).get("content", {})
                schema = content.get("application/json", {}).get("schema")
                yield ApiRoute(service, *key, roles[key], schema, document["components"]["schemas"])


def permissions(service: str) -> dict[tuple[str, str], frozenset[Role] | None]:
    """Which roles each route of a service lets in, as the routes themselves say; None for everybody."""
    found: dict[tuple[str, str], frozenset[Role] | None] = {}
    for router in importlib.import_module(f"services.{service}.main").ROUTERS:
        for route in router.routes:
            if isinstance(route, UnitOfWorkRoute):
                found |= {(method, route.path_format): route.permission.roles for method in route.methods or ()}
    return found


NAMED: dict[str, Any] = {
    "area": FAR_AREA,
    "areas": [FAR_AREA],
    "skill_code": "4-03-02-01",
    "level": 3,
    "credit_code": FAR_CODE,
    "institution": FAR_CODE,
    "owner_id": FAR_CODE,
    "id_number": make_citizen_id(FAR_AREA, date(1990, 1, 1), 7),
    "phone": "13900000000",
    "department": "rsj",
    "fund_source": "finance",
    "programme": "training_voucher",
    "rules_version": "2022-03",
    "site_code": "000001",
    "province_code": "0009",
}


def sample(schema: dict[str, Any], components: dict[str, Any], name: str = "") -> Any:
    """Some value of a JSON schema; names that have a meaning of their own get one that is known."""
    if "$ref" in schema:
        return sample(components[schema["$ref"].rsplit("/", 1)[1]], components, name)
    if name in NAMED:
        return NAMED[name]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return sample(schema[choice][0], components, name)
    kind = schema.get("type")
    if kind == "object":
        required = schema.get("required", [])
        return {key: sample(schema["properties"][key], components, key) for key in required}
    if kind == "array":
        items = schema.get("items") or (schema.get("prefixItems") or [{}])[0]
        return [sample(items, components, name) for _ in range(max(1, schema.get("minItems", 1)))]
    if kind == "integer":
        return max(1, int(schema.get("minimum", 1)), int(schema.get("exclusiveMinimum", 0)) + 1)
    if kind == "boolean":
        return False
    return text(schema, name)


def text(schema: dict[str, Any], name: str) -> str:
    """Some string of a schema."""
    match schema.get("format"):
        case "uuid":
            return str(uuid4())
        case "date":
            return "2030-01-02"
        case "date-time":
            return "2030-01-02T09:00:00+08:00"
    if "pattern" in schema:
        for candidate in ("other", "000001", "0009", "410482", "62220212345678", "2022-03", "a" * 64, FAR_CODE):
            if re.search(str(schema["pattern"]), candidate):
                return candidate
    if name.endswith("_id"):
        return str(UUID(int=7))
    return "x" * max(8, int(schema.get("minLength", 1)))
