"""Parse typed input: text, dates, codes, phone numbers and addresses. Each kind of input has one canonical form.

All functions are pure, and each raises ValueError for invalid input. The contracts' fields, the CSV import, the command line and
the settings use them, so that a value is stored in the same spelling wherever it was typed.
"""
