"""What an account does with its messages."""
