"""What is written into files for the bank, and read from its reports."""
