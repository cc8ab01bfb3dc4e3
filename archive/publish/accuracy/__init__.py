"""How right the readings are: a random sample for people to check by hand, and what their marks come to.

``sample`` draws it and takes its cells, ``sheet`` lays it out beside the pages, ``marks`` reads what people wrote, and
``agreement`` counts it per form and year with intervals. docs/accuracy.md tells the method.
"""
