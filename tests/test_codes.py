"""Every field that names an organisation or an area, in requests, events and tokens, refuses what is none."""

import importlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.contracts import EVENT_TYPES
from shared.http.field_names import parameters
from shared.kernel.citizen_id import canonical_citizen_id, make_citizen_id
from shared.kernel.credit_code import CreditCodeInvalid, canonical_credit_code, make_credit_code
from shared.kernel.errors import DomainError
from shared.messaging.topics import SERVICES

ORGANISATIONS = frozenset(
    {"credit_code", "institution", "body", "employer", "school", "payee", "payee.id", "payee_id", "owner_id"}
)
AREAS = frozenset({"area", "areas", "class_area"})
NAMES = frozenset({"name", "account_name", "payee_name"})
CODE = make_credit_code("410402", 7)


def looks_like_a_credit_code() -> str:
    """A citizen ID number with a credit code's form and check character."""
    day = date(1950, 1, 1)
    while True:
        for serial in range(1000):
            number = make_citizen_id("410402", day, serial)
            if _passes(number):
                return number
        day += timedelta(days=1)


def _passes(number: str) -> bool:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    if number[17] not in alphabet:
        return False
    total = sum(alphabet.index(character) * pow(3, place, 31) for place, character in enumerate(number[:17]))
    return alphabet[-total % 31] == number[17]


NUMBER = looks_like_a_credit_code()


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model that a type names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def fields_of(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every field of a model and of the models in it, by name, with its type."""
    for name, field in model.model_fields.items():
        inner = list(models_in(field.annotation))
        for other in inner:
            yield from fields_of(other, f"{name}.")
        if not inner:
            qualified = prefix + name
            yield (
                qualified if qualified in ORGANISATIONS else name,
                Annotated[(field.annotation, None, *field.metadata)],
            )


def request_fields() -> Iterator[tuple[str, str, Any]]:
    """Every field of every request's body, path and query: where, by which name, of which type."""
    for service in SERVICES:
        for router in importlib.import_module(f"services.{service}.main").app().api_routers:
            for route in router.routes:
                where = f"{service} {sorted(route.methods)} {route.path}"
                for field in parameters(route):
                    metadata = field.field_info.metadata
                    yield where, field.alias, Annotated[(field.field_info.annotation, None, *metadata)]
                if route.body_field is not None:
                    for model in models_in(route.body_field.field_info.annotation):
                        yield from ((where, name, taken) for name, taken in fields_of(model))


def event_fields() -> Iterator[tuple[str, str, Any]]:
    """Every field of every event's data."""
    for event_type in EVENT_TYPES:
        yield from ((event_type.__name__, name, taken) for name, taken in fields_of(event_type))


def takes(taken: Any, value: str) -> bool:
    """Whether a field of this type takes a value, or a list with it alone."""
    for given in (value, [value]):
        try:
            TypeAdapter(taken).validate_python(given)
        except (ValidationError, DomainError):
            continue
        return True
    return False


@pytest.mark.parametrize("fields", [request_fields, event_fields])
def test_a_citizen_id_number_names_no_organisation(fields: Any) -> None:
    found = [(where, name, taken) for where, name, taken in fields() if name in ORGANISATIONS]
    assert len({name for _, name, _ in found}) >= 5
    assert [f"{where} {name}" for where, name, taken in found if not takes(taken, CODE)] == []
    assert [f"{where} {name}" for where, name, taken in found if takes(taken, NUMBER)] == []


def test_what_is_no_area_names_none() -> None:
    found = [(where, name, taken) for where, name, taken in request_fields() if name in AREAS]
    assert len(found) >= 7
    assert [f"{where} {name}" for where, name, taken in found if not takes(taken, "410402")] == []
    for wrong in ("410499", "000000", "４１０４０２", "41040", "4104020"):
        assert [f"{where} {name}" for where, name, taken in found if takes(taken, wrong)] == [], wrong


def test_what_nobody_can_read_is_no_name() -> None:
    found = [(where, name, taken) for where, name, taken in request_fields() if name in NAMES]
    assert len(found) >= 5
    for name in ("张三", "古丽·买买提", "平顶山市一校"):
        assert [f"{where} {field}" for where, field, taken in found if not takes(taken, name)] == [], name
    for wrong in ("\u200b\ufeff", " · ", "张\ue000", "张\x00三", ""):
        assert [f"{where} {field}" for where, field, taken in found if takes(taken, wrong)] == [], wrong


def test_the_number_is_one_of_the_kind() -> None:
    assert canonical_citizen_id(NUMBER) == NUMBER
    with pytest.raises(CreditCodeInvalid):
        canonical_credit_code(NUMBER)
