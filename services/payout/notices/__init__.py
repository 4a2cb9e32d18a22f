"""Public notices of payouts (公示): what everybody may read for a few working days."""
