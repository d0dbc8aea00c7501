"""The commands of the evaluation service. Each module holds the commands of one procedure."""
