"""Recording exports."""

from services.audit.exports.domain import ExportAction, ExportKind
from services.audit.exports.models import Export
from shared.persistence import UnitOfWork


def record_export(uow: UnitOfWork, *, account: str, kind: ExportKind, count: int, digest: bytes) -> Export:
    """Record that `account` took `count` rows out, and say so (§三(三): supervision leaves its traces too)."""
    export = Export(account=account, kind=kind, count=count, digest=digest.hex())
    return uow.create(export, ExportAction.RECORD)
