"""Writing released batches into files for the bank, and handing those out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, cast, func, insert, literal, select

from services.payout.accounts.queries import find_accounts
from services.payout.bank.domain import PaymentOrder
from services.payout.bank_formats.domain import FileHead, write_file
from services.payout.instructions.domain import Instruction
from services.payout.instructions.queries import order
from services.payout.instructions.service import lock_for_file, mark_written
from services.payout.payment_files import queries
from services.payout.payment_files.domain import PaymentFileDiffers, PaymentFileFacts, digest_of
from services.payout.payment_files.models import PaymentFile, PaymentFileDownload, PaymentFileItem
from services.payout.payouts.queries import waiting_for_sending
from services.payout.payouts.service import acting_officer
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork
from shared.security import Principal


@dataclass(frozen=True, slots=True, repr=False)
class HandedOut:
    """A file with its bytes: for the officer who takes it to the bank, never for a log."""

    file: PaymentFileFacts
    content: bytes
    held_instruction_ids: list[UUID]
    """Instructions in it that a hold has stopped since it was written: finance has them struck at the bank."""


async def write_payment_files(uow: UnitOfWork, limit: int) -> int:
    """Write what was sent by a file into the next version of its batch's, once nothing more is about to be sent.

    What a hold kept back goes in a later version. Numbers and names are opened for the digest and kept nowhere; an
    account that does not open keeps nobody else's money back.
    """
    if await waiting_for_sending(uow, 1):
        return 0
    written = 0
    for batch_id, instruction_ids in (await queries.unwritten(uow)).items():
        if written >= limit:
            break
        written += await _write(uow, batch_id, await lock_for_file(uow, instruction_ids))
    return written


async def _write(uow: UnitOfWork, batch_id: UUID, locked: Sequence[Instruction]) -> int:
    orders = await _orders(uow, locked)
    if not orders:
        return 0
    channel, fund_id, fund_name = await queries.channel_and_fund(uow, batch_id)
    row = PaymentFile(
        id=uuid7(),
        batch_id=batch_id,
        version=await queries.next_version(uow, batch_id),
        channel=channel,
        count=len(orders),
        amount_fen=sum(order.amount_fen for order in orders),
        written_at=uow.now,
    )
    row.digest = digest_of(write_file(channel, FileHead(row.id, row.written_at, fund_id, fund_name), orders))
    uow.session.add(row)
    await uow.session.flush()
    ids = [order.instruction_id for order in orders]
    items = select(func.unnest(cast(ids, ARRAY(Uuid))), literal(row.id, Uuid))
    await uow.session.execute(insert(PaymentFileItem).from_select(["instruction_id", "file_id"], items))
    await mark_written(uow, ids)
    return len(ids)


async def hand_out(uow: UnitOfWork, caller: Principal, file_id: UUID) -> HandedOut:
    """A finance officer takes a file to the bank; who and when is recorded. It is the same bytes each time."""
    file = await queries.see_payment_file(uow, caller, file_id)
    officer = await acting_officer(uow, caller)
    orders = await _orders(uow, await queries.instructions_in(uow, file_id))
    content = write_file(file.channel, await queries.head_of(uow, file), orders)
    if digest_of(content) != file.digest:
        raise PaymentFileDiffers
    uow.session.add(
        PaymentFileDownload(
            file_id=file.id,
            digest=file.digest,
            account=officer.account,
            person_id=officer.person_id,
            downloaded_at=uow.now,
        )
    )
    await uow.session.flush()
    return HandedOut(file, content, await queries.held_in(uow, file_id))


async def _orders(uow: UnitOfWork, instructions: Sequence[Instruction]) -> list[PaymentOrder]:
    """What these instructions say in clear, in their order; without those whose account does not open."""
    accounts = await find_accounts(uow, {instruction.account_id for instruction in instructions})
    return [
        order(instruction, accounts[instruction.account_id])
        for instruction in instructions
        if instruction.account_id in accounts
    ]
