GRANT UPDATE (final) ON payouts TO payout_api;
