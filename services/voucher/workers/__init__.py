"""People, each with one `person_id`, minted here and nowhere else (§二(二)6, 7)."""
