"""The commands by which an account handles its messages."""
