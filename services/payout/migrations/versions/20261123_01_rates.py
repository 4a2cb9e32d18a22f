"""The plumbing; rules, rates and fund rules by date, as they stand in the data files."""

import csv
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_01"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "payout"

DATA = Path(__file__).resolve().parents[2] / "data"
"""The first edition of the tables; a later change of an amount is a later migration."""

TABLES = """
CREATE TABLE dated_rules (
    name text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    value bigint NOT NULL,
    source text NOT NULL,
    CONSTRAINT pk_dated_rules PRIMARY KEY (name, valid_from),
    CONSTRAINT ck_dated_rules_value CHECK (value >= 0),
    CONSTRAINT ex_dated_rules_overlap EXCLUDE USING gist (name WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);
CREATE TABLE rates (
    id integer NOT NULL,
    programme text NOT NULL,
    certificate_kind text NOT NULL,
    level smallint NOT NULL,
    act text NOT NULL,
    amount_fen bigint NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    payee text NOT NULL,
    confirm text NOT NULL,
    source text NOT NULL,
    CONSTRAINT pk_rates PRIMARY KEY (id),
    CONSTRAINT ck_rates_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_rates_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT ck_rates_act CHECK (act IN ('first', 'review')),
    CONSTRAINT ex_rates_overlap
        EXCLUDE USING gist (programme WITH =, certificate_kind WITH =, level WITH =, act WITH =,
            daterange(valid_from, valid_to, '[]') WITH &&)
);
CREATE TABLE fund_rules (
    fund_source text NOT NULL,
    programme text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    audience text NOT NULL,
    confirm text NOT NULL,
    source text NOT NULL,
    CONSTRAINT pk_fund_rules PRIMARY KEY (fund_source, programme, valid_from),
    CONSTRAINT ex_fund_rules_overlap
        EXCLUDE USING gist (fund_source WITH =, programme WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);
"""


def upgrade() -> None:
    """Create the tables and load them; nobody but a migration ever writes them."""
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    plumbing_v1.create(SERVICE)
    for statement in TABLES.split(";\n"):
        op.execute(statement)
    for table in ("dated_rules", "rates", "fund_rules"):
        plumbing_v1.grant(SERVICE, table, api="SELECT", worker="SELECT")
    _load("dated_rules", "rules.csv", numbers=("value",))
    _load("rates", "rates.csv", numbers=("level", "amount_fen"), numbered=True)
    _load("fund_rules", "fund_rules.csv")


def _load(name: str, file: str, *, numbers: tuple[str, ...] = (), numbered: bool = False) -> None:
    """Insert a file's rows; dates are ISO, an empty `valid_to` is none."""
    with (DATA / file).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    dates = {"valid_from", "valid_to"}
    values: list[dict[str, object]] = [
        {
            column: int(text) if column in numbers else _day(text) if column in dates else text
            for column, text in row.items()
        }
        for row in rows
    ]
    if numbered:
        values = [{"id": number, **row} for number, row in enumerate(values, start=1)]
    table = sa.table(name, *(sa.column(column) for column in values[0]))
    op.bulk_insert(table, values)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def downgrade() -> None:
    """Drop them."""
    for table in ("fund_rules", "rates", "dated_rules"):
        op.execute(f"DROP TABLE {table}")
    plumbing_v1.drop()
