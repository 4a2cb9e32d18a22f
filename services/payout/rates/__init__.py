"""What a certificate is worth, by date."""
