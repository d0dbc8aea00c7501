"""The rules of the duties after recognition, one module for each duty."""
