"""Where commands and queries find things."""
