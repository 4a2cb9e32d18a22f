"""追回: money that was paid and is owed back, by whom, and every way in which it comes back (R4)."""
