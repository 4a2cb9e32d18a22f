"""A bank that takes files over its counter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.bank import Bank, Faults
from deploy.local.bank_book import Book


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """What the bank was ordered to pay."""
    book = Book(tmp_path / "counter.sqlite")
    yield book
    book.close()


@pytest.fixture
def faults() -> Faults:
    """How the bank misbehaves; everything is settled at once."""
    return Faults(settle_ms=0)


@pytest.fixture
def counter(book: Book, faults: Faults) -> Bank:
    """The sandbox bank without its process."""
    return Bank(book, faults)
