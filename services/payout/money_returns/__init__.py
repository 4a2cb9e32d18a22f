"""退汇: money that the bank paid and gave back days later (R23)."""
