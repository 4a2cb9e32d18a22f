"""Verifying the log over HTTP."""

from services.audit.verifications.schemas import VerificationRequest, VerificationView
from services.audit.verifications.service import verify
from shared.http import Allow, Role, Uow, api_router, idempotent_by_nature

router = api_router(
    "/v1",
    tag="log verification",
    description="Recomputing the log's chain and tree, and holding them against every head that was signed.",
)


@router.post("/log-verifications", dependencies=[Allow(Role.AUDITOR, Role.OPERATOR), idempotent_by_nature])
async def verify_log(uow: Uow, body: VerificationRequest | None = None) -> VerificationView:
    """Verify the log and say which entry is the first that does not hold.

    The chain is walked and every hash computed anew, the tree's too; each signed head of what is walked must hold.
    Without a body, all of it is verified from its beginning.
    """
    asked = body or VerificationRequest()
    noted = None if asked.noted is None else asked.noted.value()
    return VerificationView.of(await verify(uow, begin=asked.begin, noted=noted))
