"""The rules of the years after recognition, a room for each duty."""
