"""Packages of the log over HTTP."""

from services.audit.checkpoints.domain import CheckpointNotFound
from services.audit.packages.domain import LogPackageTooLarge, LogSelectionInvalid
from services.audit.packages.schemas import LogPackageView, TakeLogPackageRequest
from services.audit.packages.service import take_package
from shared.http import Allow, Caller, Refuses, Role, Uow, api_router, idempotent_by_nature
from shared.security import WholeCityNeeded

router = api_router(
    "/v1",
    tag="log packages",
    description="Entries of the log with all that proves them, as a file that is verified offline.",
)
ENTRIES_MOST = 1_000
"""In one answer; the command line takes out more."""


@router.post(
    "/log-packages",
    dependencies=[
        Allow(Role.AUDITOR),
        idempotent_by_nature,
        Refuses(WholeCityNeeded, CheckpointNotFound, LogSelectionInvalid, LogPackageTooLarge),
    ],
)
async def take_log_package(uow: Uow, caller: Caller, body: TakeLogPackageRequest) -> LogPackageView:
    """Take a range of entries, a record's, or a person's out of the log, with proofs under the last signed head.

    For auditors of the whole city. Every time is recorded as an export. What came after the last signed head is left
    out (`not_covered`): a head is signed every five minutes.
    """
    if not caller.covers_city:
        raise WholeCityNeeded
    return LogPackageView.of(
        await take_package(
            uow, body.selection(), known_sizes=body.known_sizes, most=ENTRIES_MOST, account=caller.account
        )
    )
