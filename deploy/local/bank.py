"""A sandbox bank: ``python -m deploy.local.bank --port PORT --book FILE``.

It is ordered to pay by ``PUT /instructions/{id}`` and asked by ``GET``; the same id is accepted once, whatever happens
between. ``POST /files`` takes the same orders in a file, into the same book, and answers with a report on it. What it
paid it gives back by ``POST /returns``, and reports it by ``GET`` until that is acknowledged. The bad days of the world
are had on request: answers and requests that get lost, slowness, refusals, accounts that cannot be paid.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict, replace
from http import HTTPStatus
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import typer
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.local.bank_book import Book, Entry, Instruction, InstructionDiffers, Status
from deploy.local.bank_files import FileUnreadable, Order, read_orders, write_report
from deploy.local.ports import LOOPBACK
from deploy.local.processes import ENVIRONMENT, Command
from deploy.local.serving import create_outsider, refusal, serve
from shared.observability import logger
from shared.security import mask_account

FAILING_SUFFIX = "000000"
"""Accounts whose numbers end so cannot be paid, unless the bank is started otherwise."""

SETTLE_MS = 300
SILENCE_LIMIT_S = 60.0

log = logger(__name__)

Count = Annotated[int, Field(ge=0, le=1_000_000)]
Milliseconds = Annotated[int, Field(ge=0, le=86_400_000)]


class Faults(BaseModel):
    """How the bank misbehaves; counts go down as they are used up."""

    model_config = ConfigDict(extra="forbid", strict=True, validate_assignment=True, hide_input_in_errors=True)

    lose_answers: Count = 0
    """The next instructions that are accepted and never answered."""
    lose_requests: Count = 0
    """The next instructions that never arrive: neither accepted nor answered."""
    refuse: Count = 0
    """The next instructions answered 503 before anything is accepted."""
    answer_wrongly: Count = 0
    """The next answers that are about an instruction nobody asked of, and say that it is paid."""
    settle_twice: Count = 0
    """The next orders of a file that its report settles a second time."""
    delay_ms: Milliseconds = 0
    """How long every answer about an instruction takes."""
    settle_ms: Milliseconds = SETTLE_MS
    """From the acceptance of an instruction to its outcome."""
    failing_suffix: Annotated[str, Field(pattern=r"^[0-9]{0,30}$")] = FAILING_SUFFIX
    """Accounts whose numbers end so fail; empty for none."""

    def take(self, what: str) -> bool:
        """Use up one of what is counted; False if none is left."""
        left: int = getattr(self, what)
        if left > 0:
            setattr(self, what, left - 1)
        return left > 0

    def fails(self, account_number: str) -> bool:
        """Whether this account cannot be paid."""
        return bool(self.failing_suffix) and account_number.endswith(self.failing_suffix)


class GiveBack(BaseModel):
    """Money that comes back: the payer's reference, and the bank's code for why."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    reference: Annotated[str, Field(min_length=1, max_length=200)]
    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]


class Bank:
    """The bank's HTTP interface over its book."""

    def __init__(self, book: Book, faults: Faults) -> None:
        self._book = book
        self._faults = faults

    def application(self) -> Starlette:
        """The bank as an ASGI application."""
        return create_outsider(
            Route("/instructions/{number:uuid}", self.instruct, methods=["PUT"]),
            Route("/instructions/{number:uuid}", self.show, methods=["GET"]),
            Route("/returns", self.give_back, methods=["POST"]),
            Route("/returns", self.report, methods=["GET"]),
            Route("/returns/{reference}/acknowledgements", self.take_note, methods=["POST"]),
            Route("/files", self.take_file, methods=["POST"]),
            Route("/faults", self.misbehave, methods=["POST"]),
            Route("/book", self.summarise, methods=["GET"]),
        )

    async def instruct(self, request: Request) -> Response:
        """Accept an instruction: 202 with its status; 409 if its id was accepted with another content."""
        number: UUID = request.path_params["number"]
        try:
            instruction = Instruction.model_validate_json(await request.body())
        except ValidationError:
            return refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "instruction_invalid")
        await asyncio.sleep(self._faults.delay_ms / 1_000)
        if self._faults.take("lose_requests"):
            return await _say_nothing(request)
        if self._faults.take("refuse"):
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE, "bank_unavailable")
        failing = self._faults.fails(instruction.account_number)
        try:
            entry = await asyncio.to_thread(
                self._book.accept, number, instruction, settle_ms=self._faults.settle_ms, failing=failing
            )
        except InstructionDiffers:
            log.warning("instruction_differs", instruction=str(number))
            return refusal(HTTPStatus.CONFLICT, "instruction_differs")
        account = mask_account(instruction.account_number)
        log.info("instructed", instruction=str(number), account=account, amount_fen=instruction.amount_fen)
        if self._faults.take("lose_answers"):
            return await _say_nothing(request)
        return JSONResponse(self._view(number, entry), HTTPStatus.ACCEPTED)

    async def show(self, request: Request) -> Response:
        """Where an instruction stands; 404 if it was never accepted."""
        number: UUID = request.path_params["number"]
        await asyncio.sleep(self._faults.delay_ms / 1_000)
        entry = await asyncio.to_thread(self._book.find, number)
        if entry is None:
            return refusal(HTTPStatus.NOT_FOUND, "instruction_unknown")
        return JSONResponse(self._view(number, entry))

    def _view(self, number: UUID, entry: Entry) -> dict[str, str]:
        if self._faults.take("answer_wrongly"):
            number, entry = uuid4(), Entry(Status.PAID)
        view = {"instruction_id": str(number), "status": entry.status.value}
        return view if entry.reason is None else view | {"reason": entry.reason}

    async def give_back(self, request: Request) -> Response:
        """Return (退汇) what was paid under a payer's reference: 201; 404 if nothing was, or it came back already."""
        try:
            wanted = GiveBack.model_validate_json(await request.body())
        except ValidationError:
            return refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "return_invalid")
        reference = await asyncio.to_thread(self._book.give_back, wanted.reference, wanted.code)
        if reference is None:
            return refusal(HTTPStatus.NOT_FOUND, "nothing_paid")
        return JSONResponse({"reference": reference}, HTTPStatus.CREATED)

    async def report(self, _request: Request) -> Response:
        """What came back and was not acknowledged."""
        found = await asyncio.to_thread(self._book.returned)
        return JSONResponse({"returns": [asdict(returned) for returned in found]})

    async def take_note(self, request: Request) -> Response:
        """Report a return no more: 204, however often; 404 if there is none."""
        if not await asyncio.to_thread(self._book.acknowledge, request.path_params["reference"]):
            return refusal(HTTPStatus.NOT_FOUND, "return_unknown")
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def take_file(self, request: Request) -> Response:
        """Accept every order of a file, and report on each; the same file again is a report on how they stand now."""
        try:
            report = await asyncio.to_thread(self.report_on, await request.body())
        except FileUnreadable:
            return refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "file_invalid")
        return Response(report, media_type="application/octet-stream")

    def report_on(self, content: bytes) -> bytes:
        """The report on a file, once all of it is in the book; FileUnreadable."""
        file = read_orders(content)
        twice = [order for order in file.orders if self._faults.take("settle_twice")]
        file = replace(file, orders=[*file.orders, *twice])
        entries = [self._take(order) for order in file.orders]
        log.info("file_taken", file=file.file_id, orders=len(file.orders))
        return write_report(file, entries)

    def _take(self, order: Order) -> Entry:
        failing = self._faults.fails(order.instruction.account_number)
        try:
            return self._book.accept(order.number, order.instruction, settle_ms=self._faults.settle_ms, failing=failing)
        except InstructionDiffers:
            return Entry(Status.FAILED, "duplicate")

    async def misbehave(self, request: Request) -> Response:
        """Set the faults that are named, leave the others, and answer them all."""
        try:
            wanted = Faults.model_validate_json(await request.body()).model_dump(exclude_unset=True)
        except ValidationError:
            return refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "faults_invalid")
        for name, value in wanted.items():
            setattr(self._faults, name, value)
        return JSONResponse(self._faults.model_dump())

    async def summarise(self, _request: Request) -> Response:
        """How many instructions were accepted, and how much of it was paid, failed and returned, fen."""
        return JSONResponse(asdict(await asyncio.to_thread(self._book.summary)))


def bank_command(*, project: Path, port: int, book: Path, log_file: Path, options: tuple[str, ...] = ()) -> Command:
    """The bank as a process; ready when ``/readyz`` answers. ``options`` are faults to start with."""
    arguments = ("--port", str(port), "--book", str(book.absolute()), *options)
    return Command(
        name="bank",
        argv=(sys.executable, "-m", "deploy.local.bank", *arguments),
        environment=ENVIRONMENT,
        log_file=log_file,
        cwd=project,
    )


async def _say_nothing(request: Request) -> Response:
    """Keep silent until the caller gives up, as a lost message does; a caller without patience limit gets a 504."""
    try:
        async with asyncio.timeout(SILENCE_LIMIT_S):
            while (await request.receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        log.warning("nobody_gave_up")
    return refusal(HTTPStatus.GATEWAY_TIMEOUT, "answer_lost")


def main(
    port: Annotated[int, typer.Option(help="Port to serve on.")],
    book: Annotated[Path, typer.Option(help="File of the book.")],
    settle_ms: Annotated[int, typer.Option(help="From acceptance to outcome, milliseconds.")] = SETTLE_MS,
    failing_suffix: Annotated[str, typer.Option(help="Accounts ending so cannot be paid.")] = FAILING_SUFFIX,
    lose_answers: Annotated[int, typer.Option(help="Accept so many without an answer.")] = 0,
    lose_requests: Annotated[int, typer.Option(help="Lose so many before they arrive.")] = 0,
    refuse: Annotated[int, typer.Option(help="Answer so many with 503.")] = 0,
    delay_ms: Annotated[int, typer.Option(help="Take so long for every answer, milliseconds.")] = 0,
    host: Annotated[str, typer.Option(help="Address to serve on.")] = LOOPBACK,
) -> None:
    """Be a bank until stopped."""
    try:
        faults = Faults(
            settle_ms=settle_ms,
            failing_suffix=failing_suffix,
            lose_answers=lose_answers,
            lose_requests=lose_requests,
            refuse=refuse,
            delay_ms=delay_ms,
        )
    except ValidationError as invalid:
        raise typer.BadParameter(str(invalid)) from None
    serve(Bank(Book(book), faults).application(), name="bank", port=port, host=host)


if __name__ == "__main__":
    typer.run(main)
