"""What audit has heard of people: ids, areas and who is one with whom, never a name."""
