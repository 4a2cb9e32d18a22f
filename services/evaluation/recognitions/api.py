"""Imports and direct recognitions over HTTP."""

from uuid import UUID

from services.evaluation.certificates.domain import (
    CertificateAlreadyLive,
    CertificateNotFound,
    CertificateNumbersExhausted,
    CertificateNumberTaken,
)
from services.evaluation.recognitions import service
from services.evaluation.recognitions.domain import (
    DirectRecognitionOff,
    PermitOfAnotherPerson,
    RecognitionDatesWrong,
    RecognitionEnrolmentDiffers,
    RecognitionKindDiffers,
    RecognitionSameOfficer,
    ReviewedDueOnMissing,
)
from services.evaluation.recognitions.schemas import (
    ImportCertificatesRow,
    RecordedCertificateView,
    RecordRegisterAnswerRequest,
)
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Refuses, Role, Uow, api_router
from shared.kernel.citizen_id import CitizenIdInvalid
from shared.kernel.credit_code import CreditCodeInvalid
from shared.kernel.errors import NotReceivedYet
from shared.kernel.ids import CertificateNumberInvalid
from shared.kernel.lifecycle import WrongState
from shared.persistence import RuleMissing
from shared.reference.skills import SkillLevelInvalid, SkillUnknown

router = api_router(
    "/v1",
    tag="recognitions",
    description="Certificates that were not assessed here: recorded by one officer, verified by another.",
)
NUMBERS = Refuses(
    CertificateNumberInvalid,
    CitizenIdInvalid,
    CertificateNumberTaken,
    CertificateNumbersExhausted,
    PermitOfAnotherPerson,
)
CONTENT = Refuses(
    NotReceivedYet,
    SkillUnknown,
    SkillLevelInvalid,
    CreditCodeInvalid,
    RecognitionKindDiffers,
    RecognitionDatesWrong,
    RecognitionEnrolmentDiffers,
    DirectRecognitionOff,
    ReviewedDueOnMissing,
    RuleMissing,
)
ANSWER = Refuses(CertificateNotFound, WrongState, RecognitionSameOfficer, CertificateAlreadyLive)


@router.post("/certificate-imports", dependencies=[Allow(Role.OFFICER), CONTENT, NUMBERS])
async def import_certificates(
    body: BulkRequest[ImportCertificatesRow], uow: Uow, caller: Caller
) -> BulkAnswer[RecordedCertificateView]:
    """Record certificates from elsewhere, row by row, each with what it rests on.

    They count for nothing until another officer has recorded the register's answer.
    """
    outcomes = await service.import_certificates(uow, body.items(ImportCertificatesRow.certificate), caller)
    return body.answer(outcomes, RecordedCertificateView.model_validate)


@router.post("/certificates/{certificate_id}/register-answers", dependencies=[Allow(Role.OFFICER), ANSWER])
async def record_register_answer(
    certificate_id: UUID, body: RecordRegisterAnswerRequest, uow: Uow, caller: Caller
) -> RecordedCertificateView:
    """Record what the outside register says of an imported certificate, as another officer.

    `verified` makes it valid; `contradicted` proposes its revocation; `not_found_yet` is asked again later.
    """
    certificate = await service.record_register_answer(uow, certificate_id, body.answer, body.source, caller)
    return RecordedCertificateView.model_validate(certificate)
