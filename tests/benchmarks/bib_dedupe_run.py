"""Run by the peer's own Python: RECORDS.csv ANSWER.json, groups of record ids that bib-dedupe calls one report."""

import json
import sys
from pathlib import Path

import pandas as pd
from bib_dedupe.bib_dedupe import block, cluster, match, prep

NAMES = {"record_id": "ID", "type": "ENTRYTYPE", "authors": "author", "issue": "number"}


def main(records: str, answer: str) -> None:
    """Find the duplicates of one file."""
    table = pd.read_csv(records, dtype=str, keep_default_na=False).rename(columns=NAMES)
    prepared = prep(table, verbosity_level=0)
    matched = match(block(prepared, verbosity_level=0), verbosity_level=0)
    Path(answer).write_text(json.dumps(cluster(matched, verbosity_level=0)), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
