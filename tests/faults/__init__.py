"""Fault tests: every process is killed while people work, and no acknowledged change may be missing afterwards."""
