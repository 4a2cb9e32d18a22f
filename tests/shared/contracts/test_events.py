"""What every event keeps: a name of its own, fields with types, and nothing about a person but ids."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from shared.contracts import EVENT_TYPES
from shared.contracts.compatibility import inline_references
from shared.contracts.envelope import Event
from shared.contracts.evaluation import CertificateIssuedV1
from shared.contracts.fields import AggregateEvent, OrganisationEvent
from shared.kernel.citizen_id import make_citizen_id
from tests.shared.contracts.write_examples import example

EVENTS = sorted(EVENT_TYPES, key=lambda event: event.type())
REVEALING_WORDS = {
    *("name", "names", "surname", "phone", "mobile", "telephone", "email", "address", "citizen", "identity", "idcard"),
    *("birth", "birthday", "born", "sex", "gender", "age", "photo", "face", "card", "bank", "number"),
    *("salt", "secret", "password", "token", "plain"),
}
PUBLIC_FIELDS = {
    *("certificate.issued.number", "certificate.imported.number", "certificate.verified.number"),
    *("person.registered.masked_name", "person.renamed.masked_name", "voucher.certified.masked_name"),
}
"""The public surrogate of a certificate's number, a permit's own number being refused, and a name as the public notice
shows it, a whole one being refused (below)."""
TEXTS_ABOUT_A_PERSON = ["张三", "张 三", "Zhang San", "410400平顶山", "zhang@example.org 1"]


def fields_of(schema: dict[str, Any], where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of an inlined schema with its path, those of nested objects and items too."""
    for name, field in schema.get("properties", {}).items():
        yield f"{where}.{name}", field
        yield from fields_of(field, f"{where}.{name}")
        yield from fields_of(field.get("items", {}), f"{where}.{name}")


def leaves(field: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The alternatives and items of a field that are no containers."""
    if "anyOf" in field:
        for option in field["anyOf"]:
            yield from leaves(option)
    elif "items" in field:
        yield from leaves(field["items"])
    elif "properties" not in field:
        yield field


@pytest.fixture(params=EVENTS, ids=lambda event: event.type())
def event(request: pytest.FixtureRequest) -> type[Event]:
    found: type[Event] = request.param
    return found


@pytest.fixture
def fields(event: type[Event]) -> list[tuple[str, dict[str, Any]]]:
    return list(fields_of(inline_references(event.model_json_schema()), event.name))


def test_every_type_is_unique() -> None:
    def concrete(base: type[Event]) -> Iterator[type[Event]]:
        for found in base.__subclasses__():
            if "name" in vars(found) and found.__module__.startswith("shared.contracts."):
                yield found
            yield from concrete(found)

    written = set(concrete(Event))
    assert written == set(EVENTS)
    assert len({event.type() for event in written}) == len(written)


def test_the_class_is_named_after_the_event(event: type[Event]) -> None:
    spoken = "".join(word.capitalize() for word in re.split(r"[._]", event.name))
    assert event.__name__ == f"{spoken}V{event.major}"
    assert event.service == event.__module__.rpartition(".")[2]
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*", event.name)


def test_the_id_is_a_uuid_or_a_credit_code(event: type[Event]) -> None:
    assert issubclass(event, AggregateEvent) != issubclass(event, OrganisationEvent)


def test_it_says_when_it_happens_and_who_consumes_it(event: type[Event]) -> None:
    assert event.__doc__
    assert len(event.__doc__.strip().splitlines()) == 1


def test_every_field_is_typed(fields: list[tuple[str, dict[str, Any]]]) -> None:
    for path, field in fields:
        for leaf in leaves(field):
            assert leaf.get("type") in {"string", "integer", "boolean", "null"} or "const" in leaf or "enum" in leaf, (
                path
            )
        assert field.get("additionalProperties") is None, f"{path} takes anything"


def test_no_field_is_named_like_personal_data(fields: list[tuple[str, dict[str, Any]]]) -> None:
    revealing = {path for path, _ in fields if REVEALING_WORDS & set(path.rpartition(".")[2].split("_"))}
    assert revealing <= PUBLIC_FIELDS | {"person.registered.real_name_level"}


def test_no_text_is_free(fields: list[tuple[str, dict[str, Any]]]) -> None:
    for path, field in fields:
        for leaf in leaves(field):
            if leaf.get("type") != "string" or {"enum", "const", "format"} & set(leaf):
                continue
            for text in TEXTS_ABOUT_A_PERSON:
                assert not re.search(leaf["pattern"], text), f"{path} takes {text!r}"


def test_unknown_fields_are_ignored_and_the_event_is_frozen(event: type[Event]) -> None:
    data = example(inline_references(event.model_json_schema()), event.name)
    read = event.model_validate({**data, "field_of_a_later_minor": 1})
    assert read == event.model_validate(data)
    with pytest.raises(ValidationError):
        read.version = 7  # type: ignore[misc]  # what is tried


@pytest.mark.parametrize("prefix", ["", "T"])
def test_a_permits_own_number_does_not_travel(prefix: str) -> None:
    data = example(inline_references(CertificateIssuedV1.model_json_schema()), "")
    assert CertificateIssuedV1.model_validate({**data, "number": "T4104000012"}).number == "T4104000012"
    for year in (1960, 1990):
        number = make_citizen_id("410402", date(year, 3, 1), 7)
        with pytest.raises(ValidationError) as caught:
            CertificateIssuedV1.model_validate({**data, "number": prefix + number})
        assert number not in str(caught.value)


def test_events_survive_the_wire(event: type[Event]) -> None:
    read = event.model_validate(example(inline_references(event.model_json_schema()), event.name))
    assert event.model_validate_json(read.model_dump_json()) == read
    assert event.model_validate(read.model_dump(mode="json")) == read
