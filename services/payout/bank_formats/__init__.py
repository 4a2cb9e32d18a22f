"""What is written into files for the bank."""
