"""Objections during publicity (公示期间的异议), the same for recognitions (A6(2)) and for grades (A13).

A service that makes something public keeps its objections in a table of its own (`table.py`), calls `commands.py` with the case
that is objected to, and does itself what an upheld objection leads to."""
