"""Statistics by area: the funnel from offer to payment (§二(二)6, §三(四))."""
