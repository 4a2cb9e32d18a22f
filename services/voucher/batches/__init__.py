"""Voucher batches 发券批次: what is given out, to whom, where, until when, and from which money."""
