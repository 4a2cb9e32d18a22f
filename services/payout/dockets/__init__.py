"""A docket: payouts under lock together with their certificates, judged item by item."""
