"""Objections during publicity (公示期间的异议). Recognitions (A6(2)) and grades (A13) share this code.

A service that publicises decisions stores its objections in a table of its own (`table.py`), calls `commands.py` with the case
concerned, and handles the consequences of an upheld objection itself.
"""
