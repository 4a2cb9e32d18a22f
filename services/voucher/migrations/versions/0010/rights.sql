GRANT INSERT, UPDATE (lifted_at) ON voucher_holds TO voucher_worker;
GRANT UPDATE (open_holds, held_since) ON vouchers TO voucher_worker;
GRANT INSERT ON vital_changes TO voucher_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON vital_changes TO voucher_worker;
