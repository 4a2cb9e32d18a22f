"""The one place that speaks to the bank, with strict time limits and no guessing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx

from services.payout.bank.domain import CURRENCY, Answer, BankAnswer, PaymentOrder, ReturnReport, read_reports
from shared.kernel.strict_json import NotStrict, parse_json
from shared.observability import logger

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
CALL_LIMIT_S = 8.0
"""For a whole call: the client's own limits are for each read."""
LIMITS = httpx.Limits(max_connections=16)
ANSWER_BYTES_MOST = 16_384
REPORTS_BYTES_MOST = 1_048_576
INSTRUCTION_UNKNOWN = "instruction_unknown"
log = logger(__name__)

FINAL_OR_NOT = {"accepted": Answer.ACCEPTED, "paid": Answer.PAID, "failed": Answer.FAILED}


class Bank:
    """A client of the bank. Whatever is not a clear answer is `SILENT`: nothing is known, and it is asked again."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    @classmethod
    @asynccontextmanager
    async def at(cls, url: str) -> AsyncIterator["Bank"]:
        """A client for one round of calls; proxies of the environment are not used, redirects not followed."""
        verify = url.startswith("https")  # reading the authorities takes longer than a round of calls
        async with httpx.AsyncClient(
            base_url=url, timeout=TIMEOUT, limits=LIMITS, trust_env=False, verify=verify
        ) as client:
            yield cls(client)

    async def give(self, order: PaymentOrder) -> BankAnswer:
        """Give an instruction; the same id with the same content may be given any number of times."""
        content = {
            "account_name": order.account_name,
            "account_number": order.account_number,
            "bank_code": order.bank_code,
            "amount_fen": order.amount_fen,
            "currency": CURRENCY,
            "reference": str(order.reference),
        }
        return await self._call("PUT", order.instruction_id, content, {202: None, 200: None, 409: Answer.CONFLICT})

    async def ask(self, instruction_id: UUID) -> BankAnswer:
        """Ask what became of an instruction."""
        return await self._call("GET", instruction_id, None, {200: None, 404: None})

    async def returned(self) -> list[ReturnReport]:
        """What the bank reports of money that came back, until it knows that each report was taken down (R23)."""
        response = await self._request("GET", "/returns")
        if response is None or response.status_code != httpx.codes.OK:
            return []
        said = _document(response.content, most=REPORTS_BYTES_MOST).get("returns")
        reports = read_reports(said)
        if not isinstance(said, list) or len(reports) < len(said):
            log.error("bank_report_unreadable")
        return reports

    async def acknowledge(self, report: ReturnReport) -> None:
        """Say that a report was taken down; a report of which the bank does not know that comes again."""
        await self._request("POST", f"/returns/{report.reference}/acknowledgements")

    async def _call(
        self, method: str, instruction_id: UUID, content: dict[str, object] | None, meanings: dict[int, Answer | None]
    ) -> BankAnswer:
        """One call; `meanings` are the statuses that say something, None for those whose body says it."""
        response = await self._request(method, f"/instructions/{instruction_id}", content)
        if response is None or response.status_code not in meanings:
            return BankAnswer(Answer.SILENT)
        meaning = meanings[response.status_code]
        if meaning is not None:
            return BankAnswer(meaning)
        is_unknown = response.status_code == httpx.codes.NOT_FOUND
        return _read_unknown(response.content) if is_unknown else _read(response.content, instruction_id)

    async def _request(self, method: str, path: str, content: dict[str, object] | None = None) -> httpx.Response | None:
        """One answer of the bank, or None where none came in time."""
        try:
            async with asyncio.timeout(CALL_LIMIT_S):
                return await self._client.request(method, path, json=content)
        except (httpx.HTTPError, TimeoutError):
            return None


def _document(body: bytes, most: int = ANSWER_BYTES_MOST) -> dict[str, object]:
    """The JSON object of an answer's body; an empty one if it is none."""
    try:
        document = parse_json(body) if len(body) <= most else None
    except NotStrict:
        return {}
    return document if isinstance(document, dict) else {}


def _read_unknown(body: bytes) -> BankAnswer:
    """`NEVER_RECEIVED` only in the bank's own words: a gateway on the way answers 404 too, and knows nothing."""
    is_the_banks = _document(body).get("code") == INSTRUCTION_UNKNOWN
    return BankAnswer(Answer.NEVER_RECEIVED if is_the_banks else Answer.SILENT)


def _read(body: bytes, instruction_id: UUID) -> BankAnswer:
    """The status in an answer's body; `SILENT` if it says none that we know, or is about another instruction."""
    document = _document(body)
    if document.get("instruction_id") != str(instruction_id):
        log.error("bank_answer_of_another_instruction", instruction=str(instruction_id))
        return BankAnswer(Answer.SILENT)
    status, reason = document.get("status"), document.get("reason")
    answer = FINAL_OR_NOT.get(status, Answer.SILENT) if isinstance(status, str) else Answer.SILENT
    return BankAnswer(answer, reason if isinstance(reason, str) else None)
