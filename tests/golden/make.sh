#!/bin/sh
# Makes the stores of this folder anew with the program named by SHEJIRE. They were made once, by the build of 2026-11-29
# (format 1, the one before format 1 was first changed), and are not to be made again: what they are for is being old.
set -eu
cd "$(dirname "$0")"
export SHEJIRE_CONFIG=
rm -f ./*.shejire ./*.shejire-*
run() { "$SHEJIRE" shell --db "$1" --quiet < "$2" > /dev/null; }

run values.shejire values.cypher
"$SHEJIRE" compact values.shejire --quiet

run columns.shejire columns.cypher
"$SHEJIRE" compact columns.shejire --quiet

"$SHEJIRE" import ../../examples/city-councils --db evidence.shejire --quiet

# an image, and after it commits in the log: of every change, and of evidence
run log.shejire log-image.cypher
"$SHEJIRE" compact log.shejire --quiet
run log.shejire log.cypher
"$SHEJIRE" import ../../examples/city-councils --db log.shejire --quiet
"$SHEJIRE" query --db log.shejire --quiet "MATCH ()-[r]->() WHERE evidence(r) <> [] WITH r ORDER BY id(r) LIMIT 1 DELETE r"

# a process that is killed leaves its last commits in SQLite's own log beside the file
cp log.shejire killed.shejire
python3 - <<'END'
import json, os, subprocess
pipe = subprocess.Popen([os.environ["SHEJIRE"], "pipe", "--db", "killed.shejire"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
for i in range(3):
    query = "CREATE (:Killed {i: $i})-[:AFTER {i: $i}]->(:Killed)"
    pipe.stdin.write((json.dumps({"op": "run", "query": query, "params": {"i": i}}) + "\n").encode())
    pipe.stdin.flush()
    assert json.loads(pipe.stdout.readline())["ok"]
pipe.kill()
pipe.wait()
END
rm -f killed.shejire-shm
test -s killed.shejire-wal
