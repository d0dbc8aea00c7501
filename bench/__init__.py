"""The performance figures of the docs. Every figure is a ratio against a yardstick measured in the same run. `python -m bench
[row …]`."""
