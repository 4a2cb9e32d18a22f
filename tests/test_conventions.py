"""The conventions (docs/conventions.md), held over the OpenAPI documents, refusals, event contracts and life cycles."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from deploy.documents import code_modules, life_cycles, openapi_document, refusals
from shared.contracts import EVENT_TYPES
from shared.messaging.topics import SERVICES

Node = dict[str, Any]

METHODS = frozenset({"get", "post", "put", "patch", "delete"})
SUFFIX = {404: "_not_found"}

_PATH = re.compile(r"/v1(/[a-z]+(-[a-z]+)*|/\{[a-z]+(_[a-z]+)*\})+")
_OPERATION = re.compile(r"[a-z]+([A-Z][a-z0-9]*)*")
_SCHEMA = re.compile(r"[A-Z][A-Za-z0-9]*")
_PROPERTY = re.compile(r"[a-z]+(_[a-z0-9]+)*")
_NO_SCHEMA_NAME = re.compile(r"(Body|View|_)$|__|BulkRequest")
_FACT = re.compile(r"[a-z_]+\.[a-z_]+")

each_service = pytest.mark.parametrize("service", SERVICES)


@cache
def document(service: str) -> Node:
    """A service's OpenAPI document."""
    return openapi_document(service)


def operations(service: str) -> Iterator[tuple[str, str, Node]]:
    """Path, method and operation, one by one."""
    for path, found in document(service)["paths"].items():
        for method in METHODS & found.keys():
            yield path, method, found[method]


def resolved(service: str, node: Node) -> Node:
    """What a reference leads to; of a nullable schema what it is when it is not null."""
    while "$ref" in node:
        found: Any = document(service)
        for step in str(node["$ref"]).removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def schemas_of(service: str, node: Any, seen: frozenset[str] = frozenset()) -> Iterator[tuple[str, Node]]:
    """Every schema below a node by the names that lead to it, references followed."""
    if not isinstance(node, dict):
        return
    reference = node.get("$ref")
    if reference in seen:
        return
    below = resolved(service, node)
    seen = seen | {reference} if reference else seen
    yield "", below
    for name, field in below.get("properties", {}).items():
        for path, schema in schemas_of(service, field, seen):
            yield f"{name}{'.' if path else ''}{path}", schema
    for part in (
        below.get("items"),
        below.get("additionalProperties"),
        *below.get("anyOf", ()),
        *below.get("allOf", ()),
    ):
        yield from schemas_of(service, part, seen)


def sent(service: str) -> Iterator[tuple[str, Node]]:
    """Every schema of a value that a request may hold, with the place where it stands."""
    for _, _, operation in operations(service):
        for parameter in operation.get("parameters", ()):
            for path, schema in schemas_of(service, parameter["schema"]):
                yield f"{operation['operationId']}?{parameter['name']}.{path}", schema
        for media in operation.get("requestBody", {}).get("content", {}).values():
            for path, schema in schemas_of(service, media["schema"]):
                yield f"{operation['operationId']}.{path}", schema


@each_service
def test_the_document_is_valid_openapi(service: str) -> None:
    validate(document(service))


@each_service
def test_the_document_says_whose_it_is(service: str) -> None:
    found = document(service)
    assert found["info"].keys() >= {"title", "version", "description", "contact", "license"}
    assert [server["url"] for server in found["servers"]] == ["https://{host}"]


@each_service
def test_nothing_is_described_that_no_operation_uses(service: str) -> None:
    found = document(service)
    text = json.dumps(found)
    unused = [
        f"{kind}/{name}"
        for kind in ("schemas", "responses")
        for name in found["components"][kind]
        if f'"#/components/{kind}/{name}"' not in text
    ]
    assert unused == []


@each_service
def test_no_two_paths_are_alike(service: str) -> None:
    paths = [path.split("/") for path in document(service)["paths"]]
    alike = [
        ("/".join(path), "/".join(other))
        for path, other in combinations(paths, 2)
        if len(path) == len(other) and all(a == b or "{" in a or "{" in b for a, b in zip(path, other, strict=True))
    ]
    assert alike == []


@each_service
def test_operations_are_named_by_verb_and_noun(service: str) -> None:
    names = [operation["operationId"] for _, _, operation in operations(service)]
    assert [name for name in names if not _OPERATION.fullmatch(name) or name.islower()] == []
    assert [name for name, count in Counter(names).items() if count > 1] == []


@each_service
def test_operations_say_what_they_do(service: str) -> None:
    for path, method, operation in operations(service):
        assert _PATH.fullmatch(path), path
        assert len(operation["summary"]) >= 8, (path, method)
        assert operation["summary"][0].isupper(), (path, method)
        assert not operation["summary"].endswith("."), (path, method)
        assert operation["description"], (path, method)
        assert operation["security"] == [] or operation["x-roles"], (path, method)


@each_service
def test_tags_are_described(service: str) -> None:
    tags = {tag["name"]: tag.get("description") for tag in document(service)["tags"]}
    assert [name for name, description in tags.items() if not description] == []
    assert {tag for _, _, operation in operations(service) for tag in operation["tags"]} == tags.keys()


@each_service
def test_what_is_created_is_201_and_says_where(service: str) -> None:
    paths = document(service)["paths"]
    for path, method, operation in operations(service):
        created = operation["responses"].get("201")
        assert (created is not None) == ("Location" in (created or {}).get("headers", {})), (method, path)
        if created is not None:
            template = created["headers"]["Location"]["description"].split("`")[1]
            shapes = {re.sub(r"\{\w+\}", "{}", known) for known, found in paths.items() if "get" in found}
            assert re.sub(r"\{\w+\}", "{}", template) in shapes, f"{operation['operationId']}: nothing at {template}"


@each_service
def test_answers_are_objects(service: str) -> None:
    for path, method, operation in operations(service):
        for status, answer in operation["responses"].items():
            for media_type, media in resolved(service, answer).get("content", {}).items():
                schema = resolved(service, media["schema"])
                printed = media_type == "text/html"
                assert printed or schema.get("type") == "object" or "allOf" in schema, (method, path, status)


@each_service
def test_every_operation_lists_its_refusals(service: str) -> None:
    for path, method, operation in operations(service):
        statuses = operation["responses"].keys()
        assert not {"4XX", "5XX", "default"} & statuses, (method, path)
        assert ("401" in statuses) == (operation["security"] != []), (method, path)
        assert {"400", "422"} <= statuses, (method, path)
        for status, answer in operation["responses"].items():
            if not status.startswith("2"):
                (media,) = resolved(service, answer)["content"].values()
                codes = media["schema"]["allOf"][1]["properties"]["code"]["enum"]
                assert media["example"]["code"] in codes, (method, path, status)
                assert media["example"]["status"] == int(status), (method, path, status)


@each_service
def test_schemas_have_plain_names_and_say_what_they_are(service: str) -> None:
    schemas = document(service)["components"]["schemas"]
    assert [name for name in schemas if not _SCHEMA.fullmatch(name) or _NO_SCHEMA_NAME.search(name)] == []
    assert [name for name, schema in schemas.items() if not schema.get("description")] == []
    bodies = [
        media["schema"]["$ref"].rpartition("/")[2] if "$ref" in media["schema"] else str(media["schema"])
        for _, _, operation in operations(service)
        for media in operation.get("requestBody", {}).get("content", {}).values()
    ]
    assert [name for name in bodies if "Request" not in name] == []


@each_service
def test_every_property_and_parameter_has_a_description(service: str) -> None:
    without = [
        f"{name}.{field}"
        for name, schema in document(service)["components"]["schemas"].items()
        for field, described in schema.get("properties", {}).items()
        if not described.get("description") or not _PROPERTY.fullmatch(field)
    ]
    without += [
        f"{operation['operationId']}?{parameter['name']}"
        for _, _, operation in operations(service)
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
    ]
    assert without == []


@each_service
def test_everything_that_is_sent_is_bounded(service: str) -> None:
    unbounded = [place for place, schema in sent(service) if not _is_bounded(schema)]
    assert unbounded == []


def _is_bounded(schema: Node) -> bool:
    if "enum" in schema or "const" in schema:
        return True
    if schema.get("type") in {"integer", "number"}:
        return bool(schema.keys() & {"maximum", "exclusiveMaximum"} and schema.keys() & {"minimum", "exclusiveMinimum"})
    if schema.get("type") == "string":
        return bool(schema.keys() & {"maxLength", "pattern", "format"})
    return True


@each_service
def test_every_operation_has_an_example_that_its_schemas_accept(service: str) -> None:
    for _, _, operation in operations(service):
        for content in (operation.get("requestBody", {}), *operation["responses"].values()):
            for media in resolved(service, content).get("content", {}).values():
                if "example" in media:
                    errors = list(_validator(service, media["schema"]).iter_errors(media["example"]))
                    assert errors == [], operation["operationId"]
        success = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
        (shown,) = success["content"].values()
        assert "example" in shown, f"{operation['operationId']} has no example"
        for parameter in operation.get("parameters", ()):
            assert parameter["in"] != "path" or "example" in parameter, operation["operationId"]
            if "example" in parameter:
                _validator(service, parameter["schema"]).validate(parameter["example"])


def _validator(service: str, schema: Node) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": document(service)["components"]})


def test_404_is_not_found() -> None:
    wrong = [refusal.code for refusal in refusals() if (refusal.status == 404) != refusal.code.endswith("_not_found")]
    assert wrong == []
    assert [
        refusal.__name__ for refusal in refusals() if (refusal.status == 404) != refusal.__name__.endswith("NotFound")
    ] == []


def test_unknown_is_a_code_of_a_published_list() -> None:
    assert [refusal.code for refusal in refusals() if refusal.code.endswith("_unknown") and refusal.status != 422] == []


def test_one_fact_has_one_code() -> None:
    said = Counter(sentence for refusal in refusals() for sentence in (refusal.zh, refusal.en))
    assert [sentence for sentence, count in said.items() if count > 1] == []


def test_release_is_said_of_money_only() -> None:
    said = {
        *(event.name for event in EVENT_TYPES),
        *(path for service in SERVICES for path, _, _ in operations(service)),
        *(name for service in SERVICES for name in document(service)["components"]["schemas"]),
    }
    assert [word for word in said if "releas" in word.lower() and "batch" not in word.lower()] == []


def test_events_are_facts_of_a_noun() -> None:
    assert [event.name for event in EVENT_TYPES if not _FACT.fullmatch(event.name)] == []


def test_a_refusal_is_named_by_its_code() -> None:
    assert {refusal.__name__: refusal.code for refusal in refusals() if _camel(refusal.code) != refusal.__name__} == {}


def test_states_and_actions_are_named_after_their_life_cycle() -> None:
    for name, cycle in life_cycles().items():
        noun = _camel(name.partition(".")[2])
        assert {type(state).__name__ for state in cycle.states()} == {f"{noun}State"}
        assert {type(action).__name__ for action in cycle.actions()} == {f"{noun}Action"}


def test_a_handler_is_named_after_the_events_that_it_consumes() -> None:
    for module in code_modules("consumers"):
        events: dict[str, list[str]] = {}
        for event, handler in getattr(module, "HANDLERS", {}).items():
            if "<locals>" not in handler.__qualname__:  # made for a status, by a function of the room
                events.setdefault(handler.__name__, []).append(event.name)
        for name, consumed in events.items():
            if len(consumed) == 1:
                assert name == f"on_{consumed[0].replace('.', '_')}", module.__name__
            else:
                (noun,) = {event.partition(".")[0] for event in consumed}
                assert re.fullmatch(rf"on_{noun}_[a-z_]+ed", name), module.__name__


def _camel(code: str) -> str:
    return "".join(word.capitalize() for word in code.split("_"))
