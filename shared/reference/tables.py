"""Reading the CSV files of this package."""

import csv
from importlib.resources import files


def read_table(name: str) -> list[dict[str, str]]:
    """All rows of `data/<name>.csv` in their order, by column; an empty cell is an empty text."""
    with files("shared.reference.data").joinpath(f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))
