"""Disaster tests carry out the procedures of docs/operations/disaster.md while people work. Then the checker determines whether
every acknowledged change is still there."""
