"""The rules of formation and of the register, in plain Python."""
