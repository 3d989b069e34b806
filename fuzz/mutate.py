#!/usr/bin/env python3
"""Changes the seeds of a reader at random and imports what comes of them, without instruments: for machines where building the
targets of cargo-fuzz takes too long.

usage: fuzz/mutate.py PROGRAM [TARGET…] [SECONDS]     (TARGET: a folder of fuzz/seeds; all of them, 60 seconds each)

Whatever the input, the program ends with 0 or 1 and says something when it is 1; a store that it made is sound, and its graph comes
back from our own lines as it was. What breaks this is kept as crash_TARGET_N in the current folder; exit 1.
"""
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

SEEDS = pathlib.Path(__file__).resolve().parent / "seeds"
ENDS = {"read_tables": "csv", "read_jsonl": "jsonl", "read_json": "json", "read_graphml": "graphml", "read_gexf": "gexf",
        "read_gml": "gml", "read_jsonld": "jsonld", "read_script": "cypher", "read_sqlite": "sqlite"}
ODD = [b'"', b"'", b"<", b">", b"&", b"{", b"}", b"[", b"]", b",", b";", b"\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf",
       b"99999999999999999999", b"-1", b"1e400", b"NaN", b"null", b'"id":', b"::", b"_:b0", b"%", b"\\u0000", b"\\ud800",
       b"|json", b"properties.json", b"urn:shejire:node:", b"urn:shejire:rel:0", b"$rel", b"$node"]
program = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else sys.exit(__doc__)


def mutated(dice, data, others):
    data = bytearray(data)
    for _ in range(dice.choice([1, 1, 2, 3, 6])):
        if not data:
            break
        kind, at = dice.randrange(8), dice.randrange(len(data))
        if kind == 0:
            data[at] = dice.randrange(256)
        elif kind == 1:
            del data[at : at + dice.randrange(1, 20)]
        elif kind == 2:
            data[at:at] = data[dice.randrange(len(data)) :][: dice.randrange(1, 40)]
        elif kind == 3:
            data = data[:at]
        elif kind == 4:
            other = dice.choice(others)
            begin = dice.randrange(len(other))
            data[at:at] = other[begin : begin + dice.randrange(1, 60)]
        elif kind == 5:
            data[at:at] = dice.choice(ODD)
        elif kind == 6:
            data[at] ^= 1 << dice.randrange(8)
        else:
            end = dice.randrange(len(data))
            data[end:end] = bytes(data[min(at, end) : max(at, end)][:60]) * dice.choice([1, 2, 30])
    return bytes(data)


def written(target, data, folder):
    """The input as a file or folder that is imported."""
    if target == "read_dataset":
        name = os.path.join(folder, "dataset")
        shutil.rmtree(name, ignore_errors=True)
        os.makedirs(name)
        for part in data.decode(errors="replace").split("== ")[1:]:
            file, _, content = part.partition("\n")
            file = file.strip()
            if file.endswith((".csv", ".toml")) and "/" not in file and "\0" not in file and len(file) < 30:
                with open(os.path.join(name, file), "w", newline="") as to:
                    to.write(content)
        return name
    end = ["ttl", "trig", "nt", "nq"][data[0] % 4 if data else 0] if target == "read_rdf" else ENDS[target]
    name = os.path.join(folder, "x." + end)
    pathlib.Path(name).write_bytes(data[1:] if target == "read_rdf" else data)
    return name


def ran(*args):
    return subprocess.run([program, *args], capture_output=True, timeout=60)


def wrong(file, dice, folder, look):
    """What is wrong with the import of a file; nothing when it is as it should be. And whether it was read."""
    store, other = os.path.join(folder, "x.shejire"), os.path.join(folder, "y.shejire")
    for old in store, other:
        if os.path.exists(old):
            os.remove(old)
    args = []
    if dice.random() < 0.4:
        args += ["--on-error", "skip"]
    if dice.random() < 0.3:
        args += ["--match", dice.choice(["id", "name"])]
    if dice.random() < 0.2:
        args += ["--base", "http://example.org/"]
    try:
        done = ran("import", "--db", store, *args, file)
    except subprocess.TimeoutExpired:
        return "does not end", False
    said = done.stderr.decode(errors="replace")
    if done.returncode not in (0, 1) or "panicked" in said or "internal" in said.lower():
        return said, False
    if done.returncode == 1:
        return ("says nothing" if len(said.strip()) < 10 else ""), False
    if not look:
        return "", True
    checked = ran("check", store)
    if checked.returncode:
        return "check: " + checked.stdout.decode(errors="replace"), True
    lines = [os.path.join(folder, name) for name in ("a.jsonl", "b.jsonl")]
    ran("export", "jsonl", "--db", store, "-o", lines[0])
    again = ran("import", "--db", other, lines[0])
    if b"nothing in it is" in again.stderr:
        return "", True
    ran("export", "jsonl", "--db", other, "-o", lines[1])
    same = all(map(os.path.exists, lines)) and pathlib.Path(lines[0]).read_bytes() == pathlib.Path(lines[1]).read_bytes()
    return ("" if same else "does not come back: " + again.stderr.decode(errors="replace")), True


words = sys.argv[2:]
seconds = float(words.pop()) if words and words[-1].isdigit() else 60
failed = False
for target in words or sorted(folder.name for folder in SEEDS.iterdir()):
    dice = random.Random(int(os.environ.get("SEED", "1")))
    seeds = [file.read_bytes() for file in sorted((SEEDS / target).iterdir())]
    inputs = read = bad = 0
    end = time.time() + seconds
    with tempfile.TemporaryDirectory() as folder:
        while time.time() < end:
            data = mutated(dice, dice.choice(seeds), seeds)
            inputs += 1
            why, taken = wrong(written(target, data, folder), dice, folder, inputs % 3 == 0)
            read += taken
            if why:
                bad += 1
                pathlib.Path(f"crash_{target}_{inputs}").write_bytes(data)
                print(f"{target} {inputs}: {why[:400]!r}", flush=True)
    failed |= bad > 0
    print(f"{target}: {inputs} inputs, {read} read, {bad} bad", flush=True)
sys.exit(failed)
