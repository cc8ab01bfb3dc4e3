"""The subcommands of ``gongkai``: one module each, exporting its click command as ``command``.

A module is imported only when its command is asked for, so this table is all that ``gongkai --help`` reads. A test keeps
it in step with the modules and with the first line of their help.
"""

SUMMARIES: dict[str, str] = {
    "crawl": "Fetch what is new at these sites, or at all of them.",
    "backfill": "Fetch the reports of past years.",
    "nightly": "The scheduled run: what is new, what is due again.",
    "worker": "Crawl parts of distributed runs.",
    "sites": "List, check and probe the registry of sites.",
    "health": "How each site has been at its last run.",
    "read": "Understand documents and print them as JSON.",
    "ingest": "Put saved documents or WARC files into the archive.",
    "reread": "Understand stored pages again, without network.",
    "show": "One report on the terminal.",
    "search": "Find words in titles and texts.",
    "findings": "What does not add up, as a table.",
    "coverage": "Who published when, and who was not found.",
    "changes": "What changed at the source after publication.",
    "agencies": "Who reports: names, kinds, counties.",
    "export": "Write the archive for other people's tools into FOLDER.",
    "accuracy": "Lay out a random sample for checking by hand, or count the marks.",
    "serve": "Browse the archive in a web browser.",
    "publish": "Write everything needed to host the archive into FOLDER.",
    "merge": "Unite archives without loss or duplicates.",
    "withdraw": "Withhold a report from everything published.",
    "verify": "Check that every byte and row of the archive is sound.",
    "manifest": "Seal what came in, so that a time stamp proves it unaltered.",
    "backup": "Copy the archive while it is in use.",
    "demo": "Crawl a local replica of the portals and show what was found.",
}
"""Every command with its one-line help, in the order in which ``gongkai --help`` lists them."""
