"""Bindings 出示与登记验证: a voucher is presented, and bound to the enrolment that it serves (§二(二)7)."""
