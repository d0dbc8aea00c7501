"""How input that people type is read: text, dates, codes, telephone numbers and addresses, each into one canonical form.

Pure functions; a ValueError means that the input is not what it should be. The contracts' fields, the CSV import, the command
line and the settings share them, so that one spelling is stored wherever it was typed.
"""
