"""What stops a payout: from whom, why, and until when."""
