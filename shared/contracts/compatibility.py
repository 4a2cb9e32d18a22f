"""What may change between two minor versions of an event's schema.

Readers of an older minor still get events of the newer one (rolling releases), and readers of the newer still get old
events (a replay from audit's log). So a minor only adds fields that may be missing; every field that exists keeps its
type and stays required or optional as it was. Anything else is a new major: `V2` beside `V1`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Each change from `old` to `new` that is not additive, as `field: what`; empty if `new` may be the next minor."""
    return list(_differences("", inline_references(old), inline_references(new)))


def inline_references(schema: Schema) -> dict[str, Any]:
    """The schema with each `$ref` replaced by what it names, so that moving a definition changes nothing."""
    definitions: Schema = schema.get("$defs", {})

    def inlined(node: Any) -> Any:
        if isinstance(node, list):
            return [inlined(item) for item in node]
        if not isinstance(node, Mapping):
            return node
        if "$ref" in node:
            return inlined(definitions[str(node["$ref"]).rpartition("/")[2]])
        return {key: inlined(value) for key, value in node.items() if key != "$defs"}

    return {key: inlined(value) for key, value in schema.items() if key != "$defs"}


def _differences(where: str, old: Schema, new: Schema) -> Iterator[str]:
    if "properties" in old and "properties" in new:
        yield from _object_differences(where, old, new)
        old, new = _without(old, "properties", "required"), _without(new, "properties", "required")
    if isinstance(old.get("items"), Mapping) and isinstance(new.get("items"), Mapping):
        yield from _differences(f"{where}[]", old["items"], new["items"])
        old, new = _without(old, "items"), _without(new, "items")
    if old != new:
        yield f"{where or 'the event'}: type changed"


def _object_differences(where: str, old: Schema, new: Schema) -> Iterator[str]:
    old_required, new_required = set(old.get("required", ())), set(new.get("required", ()))
    for name, field in old["properties"].items():
        path = f"{where}.{name}".lstrip(".")
        if name not in new["properties"]:
            yield f"{path}: removed"
            continue
        yield from _differences(path, field, new["properties"][name])
        if (name in old_required) != (name in new_required):
            yield f"{path}: now {'required' if name in new_required else 'optional'}"
    for name in sorted(new_required - set(old["properties"])):
        yield f"{where}.{name}: added as required".lstrip(".")


def _without(schema: Schema, *keys: str) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in keys}
