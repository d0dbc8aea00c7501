"""Commands of an account on its messages."""
