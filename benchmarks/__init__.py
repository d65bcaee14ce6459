"""What the program costs, each figure by one command."""
