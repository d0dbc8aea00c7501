"""Documents and case files in the database."""
