"""The figures of docs: every one a ratio against a yardstick measured in the same run. `python -m bench [row …]`."""
