"""Claims 领券: a worker takes a voucher of a batch, through their own account or at a counter (现场代办, A2)."""
