"""What is filed about a class (开班备案), and the rules that a filing meets."""
