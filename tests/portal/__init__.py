"""A city's portal as somebody outside would write it: it knows the public contract alone."""
