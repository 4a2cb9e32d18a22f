GRANT UPDATE (endorsed_by) ON payment_batches TO payout_api;
