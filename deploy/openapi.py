"""What may become of a published interface: it only grows.

A client written against the older document must be served by the newer one. So nothing that a client may send stops
being accepted, and nothing that it may count on receiving goes away.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]

JSON_MEDIA_TYPE = "application/json"


def breaking_changes(old: Document, new: Document) -> list[str]:
    """Each change from `old` to `new` that a client of `old` would notice, as `METHOD path: what`."""
    return [
        f"{method.upper()} {path}: {change}"
        for path, operations in old["paths"].items()
        for method, operation in operations.items()
        for change in _operation(operation, new["paths"].get(path, {}).get(method), _Reader(old), _Reader(new))
    ]


class _Reader:
    """Follows the references of one document."""

    def __init__(self, document: Document) -> None:
        self._schemas: Document = document.get("components", {}).get("schemas", {})

    def schema(self, node: Document) -> Document:
        """The schema itself; of a nullable one, what it is when it is not null."""
        while "$ref" in node:
            node = self._schemas[str(node["$ref"]).rpartition("/")[2]]
        choices = [option for option in node.get("anyOf", ()) if option.get("type") != "null"]
        return self.schema(choices[0]) if len(choices) == 1 else node

    def body(self, content: Document | None) -> Document:
        """The JSON schema of a request's or a response's content; empty if it has none."""
        return dict((content or {}).get("content", {}).get(JSON_MEDIA_TYPE, {}).get("schema", {}))


def _operation(old: Document, new: Document | None, before: _Reader, after: _Reader) -> Iterator[str]:
    if new is None:
        yield "is gone"
        return
    for role in sorted(set(old.get("x-roles", ())) - set(new.get("x-roles", old.get("x-roles", ())))):
        yield f"is closed to {role}"
    yield from _parameters(old.get("parameters", ()), new.get("parameters", ()))
    if "requestBody" in new:
        if new["requestBody"].get("required") and not old.get("requestBody", {}).get("required"):
            yield "demands a body"
        old_body, new_body = before.body(old.get("requestBody")), after.body(new["requestBody"])
        yield from _Comparison(before, after, sent=True).differences("body", old_body, new_body)
    for status, response in old.get("responses", {}).items():
        if status not in new.get("responses", {}):
            yield f"does not answer {status} any more"
            continue
        old_body, new_body = before.body(response), after.body(new["responses"][status])
        yield from _Comparison(before, after, sent=False).differences(f"answer {status}", old_body, new_body)


def _parameters(old: Sequence[Document], new: Sequence[Document]) -> Iterator[str]:
    known = {(parameter["in"], parameter["name"]): parameter for parameter in old}
    offered = {(parameter["in"], parameter["name"]): parameter for parameter in new}
    for place, name in sorted(known.keys() - offered.keys()):
        yield f"{place} parameter {name} is gone"
    for (place, name), parameter in sorted(offered.items()):
        if parameter.get("required") and not known.get((place, name), {}).get("required"):
            yield f"{place} parameter {name} is demanded"


class _Comparison:
    """Compares what is sent by clients (`sent`), or what they receive."""

    def __init__(self, before: _Reader, after: _Reader, *, sent: bool) -> None:
        self._before, self._after, self._sent = before, after, sent
        self._seen: set[tuple[int, int]] = set()

    def differences(self, where: str, old: Document, new: Document) -> Iterator[str]:
        """Each way in which `new` accepts less (`sent`) or promises less than `old`."""
        old, new = self._before.schema(old), self._after.schema(new)
        if (id(old), id(new)) in self._seen or not old:
            return
        self._seen.add((id(old), id(new)))
        if old.get("type") != new.get("type") or old.get("format") != new.get("format"):
            yield f"{where} is of another type"
            return
        smaller, larger = (old, new) if self._sent else (new, old)
        if "enum" in larger and set(smaller.get("enum", ())) - set(larger["enum"]):
            yield f"{where} {'takes fewer' if self._sent else 'has unknown'} values"
        yield from self._properties(where, old, new)
        if "items" in old:
            yield from self.differences(f"{where}[]", old["items"], new.get("items", {}))

    def _properties(self, where: str, old: Document, new: Document) -> Iterator[str]:
        known, offered = old.get("properties", {}), new.get("properties", {})
        for name in known:
            if name not in offered:
                yield f"{where}.{name} is gone"
            else:
                yield from self.differences(f"{where}.{name}", known[name], offered[name])
        was, is_now = set(old.get("required", ())), set(new.get("required", ()))
        if self._sent:
            yield from (f"{where}.{name} is demanded" for name in sorted(is_now - was))
        else:
            yield from (f"{where}.{name} may be missing" for name in sorted((was - is_now) & offered.keys()))
