"""Who is one natural person, for the services that consume what the voucher service says of people."""

from shared.persons.consumers import HANDLERS, merge_alone
from shared.persons.queries import (
    Person,
    is_registered,
    keep_merges_out,
    known_persons,
    natural_person,
    natural_persons,
    person_behind,
    records_of,
    records_of_person,
    registered_person,
)
from shared.persons.tables import metadata, persons

__all__ = [
    "HANDLERS",
    "Person",
    "is_registered",
    "keep_merges_out",
    "known_persons",
    "merge_alone",
    "metadata",
    "natural_person",
    "natural_persons",
    "person_behind",
    "persons",
    "records_of",
    "records_of_person",
    "registered_person",
]
