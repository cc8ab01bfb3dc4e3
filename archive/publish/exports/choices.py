"""What may be asked of an export. Apart from what carries it out, so that whoever only asks imports nothing heavy."""

from __future__ import annotations

from archive.reference.forms import forms

FORMATS = ("csv", "xlsx", "parquet", "stata", "warc")

STATUTORY = "since2019"
OLDER = "older"
FAMILIES = {
    STATUTORY: tuple(form.code for form in forms().values() if form.kind == "statutory"),
    OLDER: tuple(form.code for form in forms().values() if form.kind == "statistics"),
}
"""Forms whose cells go into one panel: ``since2019`` by common short names, ``older`` side by side."""

ALL = "all"
NARRATIVE = "narrative"
FORM_CHOICES = (*FAMILIES, *(code for codes in FAMILIES.values() for code in codes), NARRATIVE, ALL)
SCOPES = ("organ", "jurisdiction_aggregate")
SCOPE_CHOICES = (*SCOPES, ALL)
