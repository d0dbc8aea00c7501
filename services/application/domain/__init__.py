"""The rules of formation and of the register, plain Python."""
