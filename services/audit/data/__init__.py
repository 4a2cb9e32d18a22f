"""The policy's targets as a CSV file, each row with its source."""
