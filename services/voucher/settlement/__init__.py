"""Settlement 兑现: vouchers follow their payouts: settling, redeemed, back to certified, clawed back."""
