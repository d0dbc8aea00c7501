"""Objections during publicity (公示期间的异议), shared by recognitions (A6(2)) and grades (A13).

A service that publicises decisions keeps its objections in a table of its own (`table.py`), calls `commands.py` with the case
concerned, and handles the consequences of an upheld objection itself.
"""
