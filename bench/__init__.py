"""Measure the performance figures that the docs state. Every figure is a ratio to a yardstick (the figure to which ours is
compared) that is measured in the same run. `python -m bench [row …]`."""
