"""What docs/operations/disaster.md says is done while people work, and the checker decides whether it is true."""
