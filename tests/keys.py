"""Names of the keys that tests make."""

CERTIFICATE_KID = "https://evaluation.test/v1/certificate-keys#1"
