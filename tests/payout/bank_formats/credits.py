"""Notifications of credits as a bank writes them, camt.054.001.08."""

from services.payout.bank_formats.domain import yuan
from services.payout.credit_notifications.domain import NAMESPACE

PAYER, PAYER_NUMBER = "王小明", "6222020000000077"
"""Who pays, and from which account, stands in each: nothing of it may be kept."""


def returned(
    reference: str, amount_fen: int, *, named: str = "", payout: str = "NOTPROVIDED", reason: str = "AC04"
) -> str:
    """A transaction of money that came back; `named` and `payout` are the ids that the bank repeats."""
    ids = (f"<InstrId>{named}</InstrId>" if named else "") + f"<EndToEndId>{payout}</EndToEndId>"
    return transaction(reference, amount_fen, ids, f"<RtrInf><Rsn><Cd>{reason}</Cd></Rsn></RtrInf>")


def transaction(reference: str, amount_fen: int, ids: str = "", more: str = "") -> str:
    """A transaction of money that came in, if nothing more is said."""
    return (
        f"<TxDtls><Refs><AcctSvcrRef>{reference}</AcctSvcrRef>{ids}</Refs>"
        f'<Amt Ccy="CNY">{yuan(amount_fen)}</Amt><CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>{PAYER}</Nm>'
        f"</Pty></Dbtr><DbtrAcct><Id><Othr><Id>{PAYER_NUMBER}</Id></Othr></Id></DbtrAcct></RltdPties>{more}</TxDtls>"
    )


def entry(amount_fen: int, *transactions: str, status: str = "BOOK", day: str = "<Dt>2033-03-16</Dt>") -> str:
    """An entry of the account, with what it is the sum of."""
    return (
        f'<Ntry><Amt Ccy="CNY">{yuan(amount_fen)}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>{status}</Cd></Sts>'
        f"<BookgDt>{day}</BookgDt><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly>"
        f"</Domn></BkTxCd><NtryDtls>{''.join(transactions)}</NtryDtls></Ntry>"
    )


def notification(*entries: str, message: str = "1") -> str:
    """The message; another `message` id makes other bytes of it."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><BkToCstmrDbtCdtNtfctn>'
        f"<GrpHdr><MsgId>{message}</MsgId><CreDtTm>2033-03-16T10:00:00+08:00</CreDtTm></GrpHdr>"
        "<Ntfctn><Id>1</Id><Acct><Id><Othr><Id>41040200000001</Id></Othr></Id></Acct>"
        f"{''.join(entries)}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    )
