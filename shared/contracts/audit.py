"""Events of the audit service 审计: acts of reading that must be seen. Audit itself consumes them."""

from uuid import UUID

from shared.contracts.fields import Account, AggregateEvent, Code, Count, Digest


class DossierReadingRecordedV1(AggregateEvent, service="audit", name="dossier_reading.recorded"):
    """Somebody read a worker's dossier."""

    person_id: UUID
    account: Account


class ExportRecordedV1(AggregateEvent, service="audit", name="export.recorded"):
    """Somebody took data out: what kind, how many rows, and the digest of the file."""

    account: Account
    kind: Code
    count: Count
    digest: Digest
