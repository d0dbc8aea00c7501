"""Load and store documents and case files."""
