"""The OpenAPI document of a service: what FastAPI says of it, put into the words of the wire convention."""

import inspect
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Any

from pydantic.json_schema import models_json_schema

from shared.http.bulk import BulkAnswer, BulkRequest, LongBulkRequest, RowAccepted
from shared.http.glossary import GLOSSARY
from shared.http.idempotency import HEADER, REPLAYED_HEADER
from shared.http.kinds import Kind, kinds_of
from shared.http.pages import Page
from shared.http.problems import MEDIA_TYPE, RETRIED, Problem, problem_document, status_of, title_of
from shared.http.refusals import Refusal
from shared.http.route import JSON, ApiRouter, UnitOfWorkRoute

Node = dict[str, Any]

REFERENCE = "#/components/schemas/"
CONTACT = {"name": "市人力资源和社会保障局 (the city's human-resources bureau), vocational training"}
DESCRIPTION = """\
One of the five services of the city's vocational-training vouchers (平办[2021]27号): issue, train, assess, certify and
pay.

What all of them have in common — strict and bounded bodies, refusals as problem documents with a code, pages, bulk
requests answered row by row, idempotency keys — is said once in docs/conventions.md. Anything that is not listed as an
answer of an operation is a mistake of ours: 500 `internal_error`, with a `trace_id`.
"""
LICENCE = {"name": "Proprietary", "identifier": "LicenseRef-Proprietary"}
GENERICS = {
    "Page": (Page, "Page"),
    "BulkRequest": (BulkRequest, "Request"),
    "LongBulkRequest": (LongBulkRequest, "Request"),
    "BulkAnswer": (BulkAnswer, "BulkAnswer"),
    "RowAccepted": (RowAccepted, "RowAccepted"),
}
"""Our classes of many types, and how the names of what is made of them end."""

_GENERIC = re.compile(rf"({'|'.join(GENERICS)})_(\w+)_")
_EXAMPLE_ID = "019a8d5e-0000-7000-8000-000000000000"
_EXAMPLE_TRACE = "019a8d5e000070008000000000000000"


def info_of(service: str) -> dict[str, Any]:
    """What `FastAPI(...)` is given of a service besides its routes."""
    host = {"default": f"{service}.skillvoucher.cn", "description": "Where the city runs the service."}
    servers = [{"url": "https://{host}", "description": "The service", "variables": {"host": host}}]
    return {"description": DESCRIPTION, "contact": CONTACT, "license_info": LICENCE, "servers": servers}


def tags_of(routers: Iterable[ApiRouter]) -> list[Node]:
    """The tags with what they mean, in the order of the routers."""
    return [{"name": router.tag, "description": router.description} for router in routers]


def read_examples(path: Path | None) -> Node:
    """By operation, what a scenario sent and was answered; nothing where no file is."""
    if path is None or not path.exists():
        return {}
    examples: Node = json.loads(path.read_text(encoding="utf-8"))
    return examples


def describe(document: Node, routers: Sequence[ApiRouter], examples: Mapping[str, Node]) -> None:
    """Complete FastAPI's document: operations, refusals, plain names, descriptions."""
    components = document.setdefault("components", {})
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "An access token, ES256."}
    }
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _, problems = models_json_schema([(Problem, "serialization")], ref_template=REFERENCE + "{model}")
    schemas.update(problems["$defs"])
    shared: Node = {}
    for router in routers:
        for route in router.routes:
            if isinstance(route, UnitOfWorkRoute):
                for method in route.methods or ():
                    operation = document["paths"][route.path_format][method.lower()]
                    _describe_operation(operation, route, shared)
                    _show_example(operation, examples.get(operation["operationId"]))
    components["responses"] = dict(sorted(shared.items()))
    _name_plainly(document)
    _fill_descriptions(document)


def _describe_operation(operation: Node, route: UnitOfWorkRoute, shared: Node) -> None:
    operation["operationId"] = camel_case(route.endpoint.__name__)
    operation["summary"], operation["description"] = sentences(route.endpoint.__doc__ or "")
    operation["security"] = [] if route.permission.public else [{"bearer": []}]
    if route.permission.roles is not None:
        operation["x-roles"] = sorted(route.permission.roles)
    if route.keyed:
        schema = {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"}
        header = {"name": HEADER, "in": "header", "required": True, "schema": schema}
        operation.setdefault("parameters", []).append(header)
    responses = operation["responses"]
    for status in [status for status in responses if not status.startswith("2")]:
        del responses[status]
    for response in responses.values():
        response["description"] = _success(route)
        headers = _success_headers(route)
        if headers:
            response["headers"] = headers
    responses.update(_refused_responses(route, shared))


def _show_example(operation: Node, example: Node | None) -> None:
    """Publish what was sent and answered, beside the schemas."""
    if example is None:
        return
    for parameter in operation.get("parameters", ()):
        given = example.get(parameter["in"], {})
        if parameter["name"] in given:
            schema, text = parameter["schema"], given[parameter["name"]]
            types = {part.get("type") for part in schema.get("anyOf", [schema])}
            parameter["example"] = json.loads(text) if types & {"integer", "boolean"} else text
    if "body" in example and "requestBody" in operation:
        operation["requestBody"]["content"][JSON]["example"] = example["body"]
    (media,) = operation["responses"][str(example["status"])]["content"].values()
    media["example"] = example["answer"]


def _success(route: UnitOfWorkRoute) -> str:
    if route.creates is not None:
        return "It is created."
    return "Row by row what was done." if "BulkAnswer" in str(route.response_model) else "It is so, or it is done."


def _success_headers(route: UnitOfWorkRoute) -> Node:
    text = {"type": "string", "maxLength": 200}
    headers: Node = {}
    if route.creates is not None:
        headers["Location"] = {"description": f"Where it is found: `{route.creates}`.", "schema": text}
    if route.keyed:
        headers[REPLAYED_HEADER] = {
            "description": "`true` on the answer of an earlier request with the same key.", "schema": text,
        }  # fmt: skip
    return headers


def _refused_responses(route: UnitOfWorkRoute, shared: Node) -> Node:
    """By status what a route refuses with; what only its kind brings is shared by all routes of that kind."""
    by_status: dict[int, set[Refusal]] = defaultdict(set)
    for refusal in route.refusals:
        by_status[status_of(refusal)].add(refusal)
    kinds = kinds_of(route)
    found: Node = {}
    for status, refusals in sorted(by_status.items()):
        response = _response(status, sorted(refusals, key=lambda refusal: refusal.code))
        if any(status_of(refusal) == status for refusal in route.listed):
            found[str(status)] = response
            continue
        name = _shared_name(status, kinds)
        shared[name] = response
        found[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return found


def _shared_name(status: int, kinds: Sequence[Kind]) -> str:
    """`BadRequestBodyKey`: the status in words and what brings the refusals."""
    brought = [kind.name for kind in kinds if any(status_of(refusal) == status for refusal in kind.refusals)]
    title = "".join(word.capitalize() for word in title_of(status)[1].split())
    return title + "".join(dict.fromkeys(brought))


def _response(status: int, refusals: Sequence[Refusal]) -> Node:
    listed = "\n".join(f"- `{refusal.code}`: {refusal.en}" for refusal in refusals)
    codes = {"enum": [refusal.code for refusal in refusals]}
    narrowed = {"type": "object", "properties": {"status": {"const": status}, "code": codes}}
    content = {
        "schema": {"allOf": [{"$ref": REFERENCE + Problem.__name__}, narrowed]},
        "example": _example(refusals[0]),
    }
    response = {"description": f"{title_of(status)[1]}.\n\n{listed}", "content": {MEDIA_TYPE: content}}
    if status == 401:
        response["headers"] = {"WWW-Authenticate": _header("`Bearer`.", {"const": "Bearer", "type": "string"})}
    if status in RETRIED:
        schema = {"type": "integer", "minimum": 0, "maximum": 3600}
        response["headers"] = {"Retry-After": _header("After how many seconds to try again.", schema)}
    return response


def _header(description: str, schema: Node) -> Node:
    return {"description": description, "schema": schema}


def _example(refusal: Refusal) -> Node:
    """A problem document as the refusal gives it; where its sentence states a fact, the fact's name stands."""
    example = refusal.__new__(refusal)
    example.facts = {name: f"⟨{name}⟩" for _, name, _, _ in Formatter().parse(refusal.en) if name}
    problem = problem_document(example, "en", request_id=_EXAMPLE_ID, trace_id=_EXAMPLE_TRACE)
    return problem.model_dump(mode="json", by_alias=True)


def camel_case(name: str) -> str:
    """`claimVoucher` for `claim_voucher`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def sentences(docstring: str) -> tuple[str, str]:
    """The first sentence without its full stop, and the rest; the whole once more where there is no rest."""
    paragraphs = [" ".join(part.split()) for part in docstring.strip().split("\n\n")]
    first, stop, rest = paragraphs[0].partition(". ")
    description = "\n\n".join([*([rest] if stop else []), *paragraphs[1:]])
    return first.removesuffix("."), description or paragraphs[0]


def plain_name(name: str) -> str:
    """A schema's name without what says how we make it: `Voucher`, `VoucherPage`, `ClaimVouchersRequest`."""
    generic = _GENERIC.fullmatch(name)
    if generic is None:
        return name.removesuffix("View")
    _, ending = GENERICS[generic[1]]
    return plain_name(generic[2]).removesuffix("Row") + ending


def _name_plainly(document: Node) -> None:
    """Give the schemas plain names, those of many types their docstrings, and take FastAPI's titles away."""
    schemas: Node = document["components"]["schemas"]
    new = {name: plain_name(name) for name in schemas}
    if len(set(new.values())) < len(new):
        raise TypeError(f"two schemas would have one name among {sorted(new.values())}")
    for name, schema in schemas.items():
        generic = _GENERIC.fullmatch(name)
        if generic is not None:
            schema["description"] = inspect.cleandoc(GENERICS[generic[1]][0].__doc__ or "")
    document["components"]["schemas"] = {new[name]: schema for name, schema in sorted(schemas.items())}
    for node in _nodes(document):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(REFERENCE):
            node["$ref"] = REFERENCE + new[reference.removeprefix(REFERENCE)]
        of_one_kind = node.get("prefixItems")
        if of_one_kind and all(item == of_one_kind[0] for item in of_one_kind):
            node["items"] = node.pop("prefixItems")[0]
        if isinstance(node.get("title"), str) and node.keys() & {
            "items",
            "type",
            "anyOf",
            "$ref",
            "enum",
            "allOf",
            "const",
        }:
            del node["title"]


def _nodes(node: Any) -> Iterator[Node]:
    if isinstance(node, dict):
        yield node
        node = [part for name, part in node.items() if name != "example"]
    for part in node if isinstance(node, list) else ():
        yield from _nodes(part)


def _fill_descriptions(document: Node) -> None:
    """Say of every property and parameter what it is: its own docstring, or the glossary's sentence for its name."""
    for schema in document["components"]["schemas"].values():
        for name, field in schema.get("properties", {}).items():
            _fill(field, name)
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                _fill(parameter, parameter["name"])


def _fill(node: Node, name: str) -> None:
    if not node.get("description") and name in GLOSSARY:
        node["description"] = GLOSSARY[name]
