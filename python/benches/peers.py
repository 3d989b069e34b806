"""The package beside kuzu, duckdb and kglite, in one run on one machine: `python python/benches/peers.py [WHEEL]`.

pip install kuzu duckdb kglite pandas pyarrow

Each works in a process of its own, on one thread where it can be told so, over the same 100,000 nodes (rows) with an id and a name; the
best of seven, and for single queries the median of 5,000. What is not there is a dash.
"""

import json
import os
import statistics
import subprocess
import sys
import time

ROWS = 100_000
NAMES = ["shejire", "kuzu", "duckdb", "kglite"]


def best(work, times=7):
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return min(took) * 1000


class Shejire:
    long = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH a * b AS n WHERE n % 7 = 8 RETURN count(*)"

    def __init__(self):
        import shejire

        self.con = shejire.connect()
        self.con.execute("CREATE INDEX FOR (n:N) ON (n.id)")
        rows = [{"id": n, "name": f"name {n}"} for n in range(ROWS)]
        self.con.execute_many("UNWIND $rows AS row CREATE (:N {id: row.id, name: row.name})", rows)

    def arrow(self):
        return self.con.execute("MATCH (n:N) RETURN n.id AS id, n.name AS name").arrow().num_rows

    def frame(self):
        return len(self.con.execute("MATCH (n:N) RETURN n.id AS id, n.name AS name").df())

    def point(self, n):
        return self.con.execute("MATCH (n:N {id: $id}) RETURN n.name AS name", id=n).scalar()

    def run_long(self):
        self.con.execute(self.long)


class Kuzu:
    def __init__(self):
        import kuzu
        import pandas

        self.con = kuzu.Connection(kuzu.Database(":memory:"))
        self.con.execute("CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))")
        # noqa: F841 - read by its name
        frame = pandas.DataFrame({"id": range(ROWS), "name": pandas.Series([f"name {n}" for n in range(ROWS)], dtype=object)})
        self.con.execute("COPY N FROM frame")

    def arrow(self):
        return self.con.execute("MATCH (n:N) RETURN n.id AS id, n.name AS name").get_as_arrow().num_rows

    def frame(self):
        return len(self.con.execute("MATCH (n:N) RETURN n.id AS id, n.name AS name").get_as_df())

    def point(self, n):
        return self.con.execute("MATCH (n:N {id: $id}) RETURN n.name AS name", {"id": n}).get_next()[0]

    def run_long(self):
        self.con.execute("UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH a * b AS n WHERE n % 7 = 8 RETURN count(*)")


class Duckdb:
    def __init__(self):
        import duckdb

        self.con = duckdb.connect()
        self.con.execute("CREATE TABLE n AS SELECT range AS id, 'name ' || range AS name FROM range(100000)")
        self.con.execute("CREATE UNIQUE INDEX by_id ON n (id)")

    def arrow(self):
        made = self.con.execute("SELECT id, name FROM n").to_arrow_table()
        return made.num_rows

    def frame(self):
        return len(self.con.execute("SELECT id, name FROM n").df())

    def point(self, n):
        return self.con.execute("SELECT name FROM n WHERE id = $id", {"id": n}).fetchone()[0]

    def run_long(self):
        self.con.execute("SELECT count(DISTINCT hash(a.range * b.range)) FROM range(100000) a, range(100000) b").fetchall()


class Kglite:
    def __init__(self):
        import kglite
        import pandas

        self.graph = kglite.KnowledgeGraph()
        frame = pandas.DataFrame({"id": range(ROWS), "name": [f"name {n}" for n in range(ROWS)]})
        self.graph.add_nodes(frame, "N", "id", "name")

    def arrow(self):
        raise NotImplementedError

    def frame(self):
        return len(self.graph.cypher("MATCH (n:N) RETURN n.id AS id, n.title AS name", to_df=True))

    def point(self, n):
        return self.graph.cypher("MATCH (n:N {id: $id}) RETURN n.title AS name", params={"id": n})[0]["name"]

    def run_long(self):
        self.graph.cypher("UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH a * b AS n WHERE n % 7 = 8 RETURN count(*)")


def interrupt(name):
    """Milliseconds from Ctrl-C until the program has ended by it; -1 when it has not after eight seconds."""
    code = f"import sys; sys.path.insert(0, {os.path.dirname(os.path.abspath(__file__))!r}); import peers; it = peers.{name.capitalize()}(); print('ready', flush=True); it.run_long()"
    program = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    program.stdout.readline()
    time.sleep(1)
    begun = time.perf_counter()
    program.send_signal(2)
    try:
        program.communicate(timeout=8)
        return (time.perf_counter() - begun) * 1000 if program.returncode else -1
    except subprocess.TimeoutExpired:
        program.kill()
        program.communicate()
        return -1


def measured(name):
    made = {}
    bare = best(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))
    made["import"] = best(lambda: subprocess.run([sys.executable, "-c", f"import {name}"], check=True)) - bare
    one = globals()[name.capitalize()]()
    for what in ("arrow", "frame"):
        try:
            assert getattr(one, what)() == ROWS
            made[what] = best(getattr(one, what))
        except (NotImplementedError, TypeError, AttributeError):
            pass
    took = []
    for n in range(5_000):
        begun = time.perf_counter()
        assert one.point(n * 17 % ROWS).startswith("name ")
        took.append(time.perf_counter() - begun)
    made["point"] = statistics.median(took) * 1000
    made["interrupt"] = interrupt(name)
    return made


def main():
    if len(sys.argv) > 2 and sys.argv[1] == "--one":
        print(json.dumps(measured(sys.argv[2])))
        return
    found = {}
    for name in NAMES:
        told = subprocess.run([sys.executable, __file__, "--one", name], capture_output=True, text=True)
        if told.returncode:
            print(f"{name}: {told.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
            continue
        found[name] = json.loads(told.stdout.splitlines()[-1])
    titles = {
        "import": "importing the module, ms",
        "arrow": "100,000 rows to Arrow, ms",
        "frame": "100,000 rows to a pandas frame, ms",
        "point": "one node by its id, median ms",
        "interrupt": "Ctrl-C until the program has ended, ms",
    }
    print("| |", " | ".join(found), "|\n|---|" + "---|" * len(found))
    for key, title in titles.items():
        cells = []
        for name in found:
            value = found[name].get(key)
            cells.append("–" if value is None else "not in 8 s" if value < 0 else f"{value:.3f}" if key == "point" else f"{value:.0f}")
        print(f"| {title} |", " | ".join(cells), "|")
    if len(sys.argv) > 1:
        print(f"| wheel, MB | {os.path.getsize(sys.argv[1]) / 1e6:.1f} |" + " |" * (len(found) - 1))


if __name__ == "__main__":
    main()
