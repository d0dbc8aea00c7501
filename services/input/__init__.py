"""Parsing of typed input: text, dates, codes, phone numbers and addresses, each into one canonical form.

Pure functions; each raises ValueError for invalid input. The contracts' fields, the CSV import, the command line and the settings
share them, so that one spelling is stored wherever a value was typed.
"""
