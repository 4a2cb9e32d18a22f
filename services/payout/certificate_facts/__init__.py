"""What evaluation says about certificates: our own verified copies, and their status."""
