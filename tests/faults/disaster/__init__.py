"""The procedures of docs/operations/disaster.md run while people work, and the checker decides whether they are correct."""
