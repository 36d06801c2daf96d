"""CQL2 filters of strangers: text or JSON in, conditions with bound parameters out.

    filter = read_filter(source, Language.TEXT)
    where = condition(filter, fields, geometry, crs)

Nothing of the source ever becomes SQL: operators come from a list, fields from
the layer's columns, values become parameters. The walker is our own and not
pygeofilter's: it knows what kind each field is of, so that a comparison the
database would refuse is answered with a reason, and it writes `&&` beside every
spatial predicate, which keeps the index under row-level security.
"""

from gisgrid.cql.conditions import Field, condition
from gisgrid.cql.errors import BadFilter
from gisgrid.cql.reading import Language, read_filter

__all__ = ["BadFilter", "Field", "Language", "condition", "read_filter"]
