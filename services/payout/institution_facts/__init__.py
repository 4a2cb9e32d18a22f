"""What training says about institutions."""
