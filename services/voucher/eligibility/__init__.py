"""Who may have a voucher: dated rules, facts with their sources, and every verdict that was given."""
