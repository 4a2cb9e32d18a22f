GRANT UPDATE (occasion) ON vouchers TO voucher_api;
