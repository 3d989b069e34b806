"""A report by a program that knows nothing but Python's database interface (PEP 249).

python examples/python/dbapi_report.py
"""

from contextlib import closing

from shejire import dbapi


def table(connection, query, **parameters):
    """Any connection of PEP 249 whose parameters are named, any statement: lines of text."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(query, parameters)
        heads = [column[0] for column in cursor.description]
        rows = [[str(value) for value in row] for row in cursor.fetchall()]
    widths = [max(map(len, cells)) for cells in zip(heads, *rows)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip() for cells in [heads, *rows]]


def main():
    with closing(dbapi.connect()) as connection:
        cursor = connection.cursor()
        acts = [{"name": "On Courts", "year": 2000}, {"name": "On Elections", "year": 1995}, {"name": "On Parties", "year": 2002}]
        cursor.executemany("CREATE (:Act {name: $name, year: $year})", acts)
        connection.commit()
        print(*table(connection, "MATCH (a:Act) WHERE a.year >= $since RETURN a.name AS act, a.year AS year ORDER BY year", since=2000), sep="\n")


if __name__ == "__main__":
    main()
