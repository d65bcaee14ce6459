"""`python -m reprolint` → the command line."""

from reprolint.cli import main

main(prog_name="reprolint")
