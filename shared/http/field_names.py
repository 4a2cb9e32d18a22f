"""Which names a route's contract knows: only these may be repeated to a caller, for any other is input."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from fastapi._compat import ModelField  # the type of FastAPI's own fields, which it exports nowhere else
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter


def _properties(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield from schema["properties"]
        for part in schema.values():
            yield from _properties(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _properties(part)


def _dependants(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _dependants(inner)


def parameters(route: APIRoute) -> Iterator[ModelField]:
    """The path, query and header parameters that a route takes."""
    for part in _dependants(route.dependant):
        yield from (*part.path_params, *part.query_params, *part.header_params)


def query_names(route: APIRoute) -> frozenset[str]:
    """Names of the query parameters that a route takes."""
    return frozenset(field.alias for part in _dependants(route.dependant) for field in part.query_params)


def calls(route: APIRoute) -> frozenset[object]:
    """Every dependency that a route calls, its endpoint too."""
    return frozenset(part.call for part in _dependants(route.dependant))


@cache
def property_names(model: type[BaseModel]) -> frozenset[str]:
    """Every field name in the contract of `model`."""
    return frozenset(_properties(model.model_json_schema()))


def contract_names(route: APIRoute) -> frozenset[str]:
    """Every field and parameter name in a route's contract."""
    names = {field.alias for field in parameters(route)}
    for part in _dependants(route.dependant):
        for field in part.body_params:
            annotation: Any = field.field_info.annotation
            names.update((field.name, *_properties(TypeAdapter(annotation).json_schema())))
    return frozenset(names)
