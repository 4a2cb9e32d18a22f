"""What audit has heard of the five links of each case: voucher, enrolment, candidate, certificate, payout."""
