"""The one-machine run: real servers, real signals."""
