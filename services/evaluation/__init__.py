"""The oversight of consortia after their recognition: yearly reports, inspections, evaluation rounds, rectifications and
revocations."""
