"""The evaluation service oversees consortia after their recognition: annual reports, inspections, evaluation rounds,
rectifications and revocations."""
