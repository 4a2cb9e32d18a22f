"""The worker's lifelong electronic dossier (§二(二)6), each reading of it recorded."""
