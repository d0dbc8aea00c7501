"""What can be done to a case: one verb each."""
