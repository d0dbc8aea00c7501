"""Objections during publicity (公示期间的异议). The services share this code for objections to recognitions (A6(2)) and to grades
(A13).

A service that publicises decisions stores its objections in a table of its own (`table.py`), calls `commands.py` with the case
concerned, and handles the consequences of an upheld objection itself.
"""
