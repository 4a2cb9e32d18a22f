"""How a public notice is asked for and shown: as data, and as a page to print."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from html import escape
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.payout.decisions.schemas import DecidePayoutsRow
from services.payout.notices.domain import Entry, Notice
from shared.http import LongBulkRequest, View
from shared.kernel.money import format_fen
from shared.reference.areas import AREAS
from shared.reference.skills import SKILLS

Phone = Annotated[str, StringConstraints(pattern=r"^[0-9][0-9 -]{5,28}[0-9]$")]
Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
LEVELS = {5: "五级/初级工", 4: "四级/中级工", 3: "三级/高级工", 2: "二级/技师", 1: "一级/高级技师", 0: "不分级"}


class PublishPayoutsRequest(LongBulkRequest[DecidePayoutsRow]):
    """Payouts to publish, and where objections are taken."""

    phone: Annotated[Phone, Field(description="The office's telephone, as the notice shows it.")]
    address: Annotated[Address, Field(description="The office's address, as the notice shows it.")]


class NoticeView(View):
    """A public notice (公示) of one area, while it lasts."""

    id: UUID
    area: str
    published_on: date
    last_on: date
    """The last day on which it is read and objected to."""
    ends_at: datetime
    calendar_provisional: bool
    phone: str
    """Where objections are taken, by telephone."""
    address: str
    """Where objections are taken."""


class NoticeRecordView(NoticeView):
    """A notice as the administration keeps it, over or not."""

    count: int
    """How many payouts it shows."""
    amount_fen: int
    """Their sum."""


class NoticeEntryView(View):
    """What everybody may know of a payout."""

    payout_id: UUID
    masked_name: str
    skill_code: str
    skill: str
    """The skill's name."""
    level: int
    standard: str
    """The document that sets the rate."""
    standard_fen: int
    """The rate."""
    amount_fen: int

    @classmethod
    def of(cls, entry: Entry) -> "NoticeEntryView":
        """The entry, its skill by name."""
        own = {name: getattr(entry, name) for name in cls.model_fields if name != "skill"}
        return cls(skill=skill_name(entry.skill_code), **own)


def skill_name(code: str) -> str:
    """The skill's Chinese name; its code where the catalogue has none."""
    skill = SKILLS.get(code)
    return skill.name_zh if skill else code


def notice_page(notice: Notice, entries: Sequence[Entry]) -> str:
    """The notice as a page to read and to print; every text in it is escaped."""
    return "".join(_page(notice, entries))


STYLE = """
@page { size: A4; margin: 18mm 15mm }
body { font-family: "Noto Serif CJK SC", "Songti SC", SimSun, serif; color: #111; max-width: 190mm; margin: 8mm auto;
  padding: 0 4mm; line-height: 1.7 }
h1 { font-size: 1.5em; text-align: center; margin: 0 0 .2em }
p { margin: .4em 0 }
table { border-collapse: collapse; width: 100%; margin: 1em 0; font-size: .95em }
th, td { border: 1px solid #444; padding: .25em .5em; text-align: left }
th { background: #eee }
td.number { text-align: right; white-space: nowrap }
td.name { white-space: nowrap }
td.id { font-family: monospace; font-size: .72em; word-break: break-all; width: 20% }
tr { break-inside: avoid }
thead { display: table-header-group }
.warning { border: 1px solid #a60; background: #fff6e5; padding: .4em .8em }
"""


def _page(notice: Notice, entries: Sequence[Entry]) -> Iterator[str]:
    title = f"{AREAS[notice.area].name_zh}职业培训券兑现公示"
    yield f'<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f'<meta name="robots" content="noindex, noarchive">\n<style>{STYLE}</style>\n</head>\n<body>\n'
    yield f"<h1>{escape(title)}</h1>\n"
    yield (
        "<p>根据平办〔2021〕27号文件，下列人员的职业培训券兑现已经审核，现予公示。公示期按完整工作日计算，自"
        f"{_day(notice.published_on)}的次日起，至<strong>{_day(notice.last_on)}</strong>24时止。</p>\n"
    )
    if notice.calendar_provisional:
        yield (
            '<p class="warning">公示期所涉年度的放假安排尚未公布，上述截止日期按法定节假日计算，'
            "放假安排公布后可能调整。</p>\n"
        )
    yield (
        "<p>如有异议，请在公示期内实名提出，并注明编号。异议受理电话："
        f"{escape(notice.phone)}；地址：{escape(notice.address)}。</p>\n"
    )
    heads = ("序号", "编号", "姓名", "职业（工种）", "等级", "补贴标准", "补贴金额（元）")
    yield f"<table>\n<thead><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr></thead>\n<tbody>\n"
    for place, entry in enumerate(entries, start=1):
        yield (
            f'<tr><td class="number">{place}</td><td class="id">{entry.payout_id}</td>'
            f'<td class="name">{escape(entry.masked_name)}</td><td>{escape(skill_name(entry.skill_code))}</td>'
            f"<td>{LEVELS[entry.level]}</td><td>{escape(entry.standard)} {format_fen(entry.standard_fen)}元</td>"
            f'<td class="number">{format_fen(entry.amount_fen)}</td></tr>\n'
        )
    total = format_fen(sum(entry.amount_fen for entry in entries))
    yield f"</tbody>\n</table>\n<p>共 {len(entries)} 项，合计 {total} 元。</p>\n</body>\n</html>\n"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
