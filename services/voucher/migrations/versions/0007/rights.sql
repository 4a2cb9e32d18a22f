-- Whoever lifts the last hold of a voucher gives it days back: its holder is warned of the new end too (R6).
GRANT UPDATE (warned_days) ON vouchers TO voucher_api;
