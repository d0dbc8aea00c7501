"""`make bench`, or `python -m bench [ROW …]`: measure, print the table, and write it to RESULTS.md (`capacity`: CAPACITY.md)."""

from __future__ import annotations

import argparse

from bench import table

ROWS = (
    "commands",
    "events",
    "submissions",
    "embedded",
    "growth",
    "directions",
    "documents",
    "reading",
    "webhooks",
    "scaling",
    "console",
    "page_images",
    "capacity",
)

parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
parser.add_argument("rows", nargs="*", choices=ROWS, default=ROWS)
options = parser.parse_args()
lines: list[table.Line] = []
if "embedded" in options.rows:
    from bench import embedded

    lines += embedded.measure()
if "submissions" in options.rows:
    from bench import submissions

    lines += submissions.measure()
if "documents" in options.rows:
    from bench import documents

    lines += documents.measure()
if "reading" in options.rows:
    from bench import reading

    lines += reading.measure()
if "scaling" in options.rows:
    from bench import scaling

    lines += scaling.measure()
if "console" in options.rows:
    from bench import console, console_growth

    lines += console.measure() + console_growth.measure()
if "page_images" in options.rows:
    from bench import page_images

    lines += page_images.measure()
if {"commands", "events", "growth", "directions", "webhooks"} & set(options.rows):
    from bench import commands, directions, events, growth, webhooks
    from bench.infrastructure import ground

    with ground() as parts:
        lines += commands.measure(parts) if "commands" in options.rows else []
        lines += events.measure(parts) if "events" in options.rows else []
        lines += growth.measure(parts) if "growth" in options.rows else []
        lines += directions.measure(parts) if "directions" in options.rows else []
        lines += webhooks.measure(parts) if "webhooks" in options.rows else []
if "capacity" in options.rows:
    from bench import capacity

    print(capacity.measure())
if lines:
    print(table.write("python -m bench " + " ".join(options.rows), lines))
