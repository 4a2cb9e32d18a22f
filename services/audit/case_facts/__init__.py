"""What audit has received of the five links of each case: voucher, enrolment, candidate, certificate, payout."""
