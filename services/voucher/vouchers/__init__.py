"""Vouchers 职业培训券: their life cycle, who sees them, holds, cancellations, expiry."""
