"""Documents shown by the gateway itself: their pages as images."""
