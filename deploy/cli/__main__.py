"""`python -m deploy.cli`: the operator's commands."""

from deploy.cli import main

main()
