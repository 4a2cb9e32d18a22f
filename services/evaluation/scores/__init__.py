"""Score sheets: append-only versions, each signed by an assessor."""
