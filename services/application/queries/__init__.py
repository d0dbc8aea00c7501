"""What can be asked. Nothing here changes anything."""
