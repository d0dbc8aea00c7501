"""`python -m deploy.embedded`: what `guichuang run` does."""

from deploy.cli import main

main(["run"])
