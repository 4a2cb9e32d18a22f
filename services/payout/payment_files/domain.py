"""A batch's files: each instruction in one, once for ever; each download recorded."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from services.payout.bank.domain import BankChannel
from shared.kernel.errors import Conflict, NotFound

ENDINGS = {BankChannel.ISO20022: "xml", BankChannel.CSV: "csv"}


class PaymentFileNotFound(NotFound):
    """No such file in the caller's scope."""

    code = "payment_file_not_found"
    zh, en = "未找到该支付文件", "There is no such payment file."


class PaymentFileDiffers(Conflict):
    """What would be written now is not what was written first: nobody gets it, two files of one name never go out."""

    code = "payment_file_differs"
    policy = "DOMAIN §4, 16"
    zh, en = "支付文件内容与首次生成不一致,不得下载", "The file would differ from what was written first."


@dataclass(frozen=True, slots=True)
class PaymentFileFacts:
    """What is known of a file without opening an account: its bytes are kept nowhere, their digest is."""

    id: UUID
    batch_id: UUID
    version: int
    channel: BankChannel
    count: int
    amount_fen: int
    digest: str
    written_at: datetime

    @property
    def file_name(self) -> str:
        """Of this version, for ever."""
        return f"{self.batch_id}-{self.version}.{ENDINGS[self.channel]}"


@dataclass(frozen=True, slots=True)
class DownloadFacts:
    """Who took a file away, and when."""

    person_id: UUID
    digest: str
    downloaded_at: datetime


def digest_of(content: bytes) -> str:
    """SHA-256, lower-case hexadecimal."""
    return sha256(content).hexdigest()
