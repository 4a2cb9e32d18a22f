"""Alembic's entry."""

from shared.persistence import migrations

migrations.run("voucher")
