"""发券: who a person is, who may have a voucher, and whose it is."""
