"""What an operator does with a platform: look what is wrong, move deadlines, replay events, verify the audit log."""
