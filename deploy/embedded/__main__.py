"""`python -m deploy.embedded`: the same as `guichuang run`."""

from deploy.cli import main

main(["run"])
