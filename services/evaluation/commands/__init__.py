"""What can be done, one verb a room."""
