"""A city's portal as an outside developer would write it: it knows only the public contract."""
