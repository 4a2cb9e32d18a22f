"""Packages as they are asked for and handed out."""

from base64 import b64encode
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.audit.packages.domain import LogPackage, LogSelection
from shared.http import Body, View

ENTRIES_MOST = 2**53 - 1
Number = Annotated[int, Field(ge=0, le=ENTRIES_MOST)]


class TakeLogPackageRequest(Body):
    """Which entries: a range, a record, or a person with everything of theirs; exactly one of them."""

    begin: Number | None = None
    """Index of the first entry of the range."""
    end: Number | None = None
    """Index after the last entry of the range."""
    aggregate_id: UUID | None = None
    person_id: UUID | None = None
    known_sizes: Annotated[list[Number], Field(default_factory=list, max_length=16)]

    def selection(self) -> LogSelection:
        """The entries meant."""
        return LogSelection(self.begin, self.end, self.aggregate_id, self.person_id)


class LogPackageView(View):
    """A package of the log: a ZIP file that proves itself offline. `count` entries are in it."""

    file_name: str
    digest: str
    content: Annotated[str, Field(json_schema_extra={"contentEncoding": "base64"})]
    """The file's bytes in base64."""
    tree_size: int
    count: int
    not_covered: int

    @classmethod
    def of(cls, package: LogPackage) -> "LogPackageView":
        """The file, as JSON carries it."""
        return cls(
            file_name=package.file_name,
            digest=package.digest.hex(),
            content=b64encode(package.content).decode(),
            tree_size=package.head.size,
            count=package.count,
            not_covered=package.not_covered,
        )
