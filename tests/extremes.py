"""Extreme values for every field and parameter of an OpenAPI document: what is refused, and what is accepted."""

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from shared.kernel.credit_code import make_credit_code

Node = dict[str, Any]
Place = tuple[str | int, ...]

SAMPLES = (
    "410402", "6-31-01-03", make_credit_code("410402", 1), "2026-1", "withdrawn_by_worker", "ICBC", "6222020200112233",
    "岗前", "a0" * 32,
)  # fmt: skip
"""Texts that our patterns accept."""
NEVER: Sequence[Any] = (None, [], {}, True, 4.0, 1e308)
"""What no number, text, date or list of choices accepts."""
WRONG_NUMBERS = ("4", 2**63, -(2**63) - 1, 10**30, *NEVER)
WRONG_TEXTS = (4, 0, *NEVER)
WRONG_DATES = (
    "9999-12-31", "0001-01-01", "1899-12-31", "2200-01-01", "2026-02-30", "20260101", "1700000000",
    "2026-01-01T00:00:00Z", 0, 1700000000, *NEVER,
)  # fmt: skip
WRONG_INSTANTS = (
    "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "1899-12-31T00:00:00Z", "2200-01-01T00:00:00+00:00",
    "2026-01-01T00:00:00", "2026-01-01", "1700000000", "2026-01-01T24:61:00Z", 0, 1700000000, *NEVER,
)  # fmt: skip
WRONG_TRUTHS: Sequence[Any] = ("true", "yes", 0, 1, None, [], {})
WRONG_IDS = ("x", "0" * 33, 0, *NEVER)


_UUID = "019a8d5e-0000-7000-8000-000000000001"
ODD_IDS = (
    "", " ", "0", "-1", "0" * 18, "9" * 18, "0" * 32, "9" * 20, "9" * 39, str(2**63), "1e308", "NaN", "null", "x" * 200,
    _UUID, _UUID.upper(), _UUID.replace("-", ""), f"{{{_UUID}}}", f"urn:uuid:{_UUID}",
    make_credit_code("410402", 1), make_credit_code("410402", 1).lower(), "11010119000101001X", "110101900101001",
    "４１０４０２", "٤١٠٤٠٢", "٠" * 18, "〇" * 18, "²" * 18, "T410402199001011234", "410499", "6-31-01-03", "ZX-0-0",
    "\x00", "a\x00b", "\u202e", "\ufeff", "\ue000", "\U0001f4a9" * 9, "..", "../..", "%", "%00", "a/b", "'; --", "\n",
)  # fmt: skip
"""What might stand where an id, a code or a number is expected, and be parsed by somebody."""


@dataclass(frozen=True)
class Leaf:
    """A value in a body that is no object, and where it stands."""

    place: Place
    schema: Node
    nullable: bool

    @property
    def wrong(self) -> Sequence[Any]:
        """Values that must be refused."""
        return [value for value in wrong_values(self.schema) if not (self.nullable and value is None)]

    @property
    def edges(self) -> Sequence[Any]:
        """The least and the greatest value that is accepted."""
        return edge_values(self.schema)


class Schemas:
    """The schemas of one document."""

    def __init__(self, document: Node) -> None:
        self._schemas: Node = document["components"]["schemas"]

    def resolve(self, schema: Node) -> tuple[Node, bool]:
        """The schema itself, and whether it takes null; of several choices the first."""
        nullable = False
        while "$ref" in schema or "anyOf" in schema:
            if "$ref" in schema:
                schema = self._schemas[schema["$ref"].rpartition("/")[2]]
            else:
                choices = [choice for choice in schema["anyOf"] if choice.get("type") != "null"]
                nullable = nullable or len(choices) < len(schema["anyOf"])
                schema = choices[0]
        return schema, nullable

    def sample(self, schema: Node) -> Any:
        """A value that the schema accepts, with every field of every object."""
        schema, _ = self.resolve(schema)
        if schema.get("type") == "object":
            return {name: self.sample(field) for name, field in schema.get("properties", {}).items()}
        if schema.get("type") == "array":
            return [self.sample(schema["items"])] * max(1, schema.get("minItems", 1))
        return sample_of(schema)

    def leaves(self, schema: Node, place: Place = ()) -> Iterator[Leaf]:
        """Every value in a sample of `schema` that is neither object nor list."""
        schema, nullable = self.resolve(schema)
        if schema.get("type") == "object":
            for name, field in schema.get("properties", {}).items():
                yield from self.leaves(field, (*place, name))
        elif schema.get("type") == "array":
            yield from self.leaves(schema["items"], (*place, 0))
        else:
            yield Leaf(place, schema, nullable)


def sample_of(schema: Node) -> Any:
    """A value that a schema without parts accepts."""
    if "const" in schema or "enum" in schema:
        return schema.get("const") or schema["enum"][0]
    if "examples" in schema:
        return schema["examples"][0]
    kind = str(schema.get("format") or schema.get("type"))
    if "pattern" in schema:
        return next(text for text in (*SAMPLES, "A001", "x") if re.fullmatch(schema["pattern"], text))
    made = {"integer": schema.get("minimum", 1), "boolean": False, "string": "x" * max(1, schema.get("minLength", 1))}
    made |= {"date": "2026-01-05", "date-time": "2026-01-05T01:00:00Z", "uuid": "019a8d5e-0000-7000-8000-000000000001"}
    return made[kind]


def wrong_values(schema: Node) -> Sequence[Any]:
    """What a schema without parts must refuse."""
    kind = "choice" if "enum" in schema or "const" in schema else schema.get("format") or schema.get("type")
    wrong: dict[str, Sequence[Any]] = {
        "integer": [*WRONG_NUMBERS, schema.get("maximum", 0) + 1, schema.get("minimum", 0) - 1],
        "boolean": WRONG_TRUTHS,
        "date": WRONG_DATES,
        "date-time": WRONG_INSTANTS,
        "uuid": WRONG_IDS,
        "choice": ["nonsense", *WRONG_TEXTS],
        "string": [*WRONG_TEXTS, "x" * (schema.get("maxLength", 0) + 1)],
    }
    return wrong[str(kind)]


def odd_values(schema: Node) -> Sequence[str]:
    """The odd ids that a schema without parts lets through, so that whoever reads on must say no."""
    if schema.get("type") != "string" or schema.keys() & {"enum", "const"}:
        return ()
    if schema.get("format") == "uuid":
        return [text for text in ODD_IDS if text.replace("-", "").strip("{}").removeprefix("urn:uuid:").isalnum()]
    if "format" in schema:
        return ()
    least, most = schema.get("minLength", 0), schema.get("maxLength", 10**6)
    return [
        text
        for text in ODD_IDS
        if least <= len(text) <= most and re.search(schema.get("pattern", ""), text) is not None
    ]


def edge_values(schema: Node) -> Sequence[Any]:
    """The least and the greatest that a schema without parts accepts."""
    if "enum" in schema or "const" in schema or "pattern" in schema:
        return ()
    edges: dict[str, Sequence[Any]] = {
        "integer": [schema.get("minimum"), schema.get("maximum")],
        "date": ["1900-01-01", "2199-12-31"],
        "date-time": ["1900-01-01T00:00:00Z", "2199-12-31T23:59:59.999999Z"],
        "uuid": ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
        "string": ["界" * schema.get("maxLength", 1), "x" * max(1, schema.get("minLength", 1))],
    }
    return edges.get(str(schema.get("format") or schema.get("type")), ())


def with_value(body: Any, place: Place, value: Any) -> Any:
    """A copy of `body` with another value at `place`."""
    copy = deepcopy(body)
    node = copy
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = value
    return copy


def all_wrong(body: Any, leaves: Sequence[Leaf]) -> Iterator[tuple[Any, Sequence[Leaf]]]:
    """Copies of `body` in which every leaf is wrong, in another way each time, with the leaves that are."""
    values_of_leaves = [leaf.wrong for leaf in leaves]
    for turn in range(max(map(len, values_of_leaves), default=0)):
        wrong = body
        for leaf, values in zip(leaves, values_of_leaves, strict=True):
            wrong = with_value(wrong, leaf.place, values[turn % len(values)])
        yield wrong, leaves


def at_an_edge(body: Any, leaves: Sequence[Leaf]) -> Iterator[Any]:
    """Copies of `body` in which one leaf is as small or as large as it may be."""
    for leaf in leaves:
        for value in leaf.edges:
            yield with_value(body, leaf.place, value)


def odd_bodies(body: Any, leaves: Sequence[Leaf]) -> Iterator[Any]:
    """Copies of `body` with an odd id in one leaf, beside every choice of a kind, which says how ids are read."""
    kinds = [leaf for leaf in leaves if str(leaf.place[-1]).endswith("kind")]
    choices = [(leaf.place, choice) for leaf in kinds for choice in leaf.schema.get("enum", ())]
    chosen = [body, *(with_value(body, place, choice) for place, choice in choices)]
    for leaf in leaves:
        for value in odd_values(leaf.schema):
            yield from (with_value(other, leaf.place, value) for other in chosen)
