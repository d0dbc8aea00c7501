"""Disaster tests: the procedures of docs/operations/disaster.md are carried out while people work, and the checker determines
whether they are correct."""
