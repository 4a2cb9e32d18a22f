"""What was received from evaluation: which skill and level each person holds a certificate of."""
