"""Reading files, and finding what waits to be written into one."""

from uuid import UUID

from sqlalchemy import func, select

from services.payout.bank.domain import BankChannel
from services.payout.bank_formats.domain import FileHead
from services.payout.funds.models import Fund
from services.payout.instructions.domain import Instruction
from services.payout.instructions.models import Delivery, InstructionRow
from services.payout.instructions.queries import find_instructions
from services.payout.payment_batches.models import PaymentBatch, PaymentBatchItem
from services.payout.payment_batches.queries import in_scope
from services.payout.payment_files.domain import DownloadFacts, PaymentFileFacts, PaymentFileNotFound
from services.payout.payment_files.models import PaymentFile, PaymentFileDownload, PaymentFileItem
from services.payout.payouts.domain import AT_THE_BANK
from services.payout.payouts.models import Payout
from shared.persistence import UnitOfWork
from shared.security import Principal


async def list_payment_files(
    uow: UnitOfWork, caller: Principal, batch_id: UUID | None, *, after: UUID | None, limit: int
) -> list[PaymentFileFacts]:
    """A page of the files of batches in the caller's scope, ascending by id."""
    query = select(PaymentFile).join(PaymentBatch, PaymentBatch.id == PaymentFile.batch_id).where(in_scope(caller))
    if batch_id is not None:
        query = query.where(PaymentFile.batch_id == batch_id)
    if after is not None:
        query = query.where(PaymentFile.id > after)
    return [row.facts() for row in await uow.session.scalars(query.order_by(PaymentFile.id).limit(limit))]


async def see_payment_file(uow: UnitOfWork, caller: Principal, file_id: UUID) -> PaymentFileFacts:
    """The file; `PaymentFileNotFound` if there is none or the caller may not know."""
    query = select(PaymentFile).join(PaymentBatch, PaymentBatch.id == PaymentFile.batch_id)
    row = await uow.session.scalar(query.where(PaymentFile.id == file_id, in_scope(caller)))
    if row is None:
        raise PaymentFileNotFound
    return row.facts()


async def downloads_of(uow: UnitOfWork, file_id: UUID) -> list[DownloadFacts]:
    """Who took a file away, oldest first."""
    query = select(PaymentFileDownload).where(PaymentFileDownload.file_id == file_id).order_by(PaymentFileDownload.id)
    return [row.facts() for row in await uow.session.scalars(query)]


async def instructions_in(uow: UnitOfWork, file_id: UUID) -> list[Instruction]:
    """What stands in a file, in its order."""
    ids = await uow.session.scalars(select(PaymentFileItem.instruction_id).where(PaymentFileItem.file_id == file_id))
    found = await find_instructions(uow, set(ids))
    return [found[instruction_id] for instruction_id in sorted(found)]


async def held_in(uow: UnitOfWork, file_id: UUID) -> list[UUID]:
    """The instructions of a file whose payouts a hold has stopped since, ascending."""
    found = (
        select(PaymentFileItem.instruction_id)
        .join(InstructionRow, InstructionRow.id == PaymentFileItem.instruction_id)
        .join(Payout, Payout.id == InstructionRow.payout_id)
        .where(PaymentFileItem.file_id == file_id, Payout.open_holds > 0, Payout.status.in_(AT_THE_BANK))
    )
    return list(await uow.session.scalars(found.order_by(PaymentFileItem.instruction_id)))


async def unwritten(uow: UnitOfWork) -> dict[UUID, list[UUID]]:
    """Instructions that were sent by a file and stand in none, by their batch."""
    query = select(PaymentBatchItem.batch_id, Delivery.instruction_id)
    query = query.join(InstructionRow, InstructionRow.id == Delivery.instruction_id).join(
        PaymentBatchItem,
        (PaymentBatchItem.payout_id == InstructionRow.payout_id) & (PaymentBatchItem.attempt == InstructionRow.attempt),
    )
    waiting = (Delivery.channel != BankChannel.HTTP, Delivery.outcome.is_(None), Delivery.given_at.is_(None))
    by_batch: dict[UUID, list[UUID]] = {}
    for row in await uow.session.execute(query.where(*waiting)):
        by_batch.setdefault(row.batch_id, []).append(row.instruction_id)
    return by_batch


async def channel_and_fund(uow: UnitOfWork, batch_id: UUID) -> tuple[BankChannel, UUID, str]:
    """By which way a batch goes, and the fund that pays: its id, and how it is called."""
    query = select(PaymentBatch.channel, Fund.id, Fund.fund_source, Fund.area, Fund.year)
    query = query.join(Fund, Fund.id == PaymentBatch.fund_id).where(PaymentBatch.id == batch_id)
    row = (await uow.session.execute(query)).one()
    return BankChannel(row.channel), row.id, f"{row.fund_source} {row.area} {row.year}"


async def head_of(uow: UnitOfWork, file: PaymentFileFacts) -> FileHead:
    """What a file says of itself."""
    _, fund_id, fund_name = await channel_and_fund(uow, file.batch_id)
    return FileHead(file.id, file.written_at, fund_id, fund_name)


async def next_version(uow: UnitOfWork, batch_id: UUID) -> int:
    """The number of a batch's next file, from 1."""
    query = select(func.coalesce(func.max(PaymentFile.version), 0) + 1).where(PaymentFile.batch_id == batch_id)
    return (await uow.session.scalars(query)).one()
