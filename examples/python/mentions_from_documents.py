"""From documents to cited facts by a program that reads: it proposes, and what the sentence does not say is not written.

    documents ─► sentences with fingerprints ─► proposals of a reader ─► two gates ─► mentions.csv ─► a graph that cites

python examples/python/mentions_from_documents.py [FOLDER]

The reader is a handful of patterns, or spaCy's matcher over its names of organisations when spaCy and a model are installed
(`pip install spacy && python -m spacy download en_core_web_sm`). The gates are the same for both, and for a language model: the words
must stand at the place, and the claim must stand in the words.
"""

import csv
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import shejire

TEXTS = {
    "gazette": """The Republic of Varnia established the Salt Office on 3 May 1921.
On 1 July 1952 the Salt Office was merged into the Customs House. On 1 July 1952 the Toll Office was merged into the Customs House, too.
The Customs House was replaced by the Revenue Agency in 1994.
""",
    "news": "In 1995 the Customs House was replaced by the Revenue Agency. The Beacon Trust was never merged into the Revenue Agency.\n",
}
NAMES = ["Salt Office", "Toll Office", "Customs House", "Revenue Agency", "Beacon Trust"]
MONTHS = dict(zip("January February March April May June July August September October November December".split(), range(1, 13)))
RELATIONS = {"was merged into": "merged-into", "was never merged into": "merged-into", "was replaced by": "replaced-by"}


def run(*arguments, notes=False):
    """What the program prints that came with the package; with `notes` also what it remarks beside.

    It ends with 1 where something waits for a person, or is refused.
    """
    command = [sys.executable, "-m", "shejire", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT if notes else subprocess.PIPE, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr or done.stdout)
    return done.stdout


def prepare(folder):
    """A dataset folder with the documents in it, and the bodies that are known by name."""
    files = []
    for name, text in TEXTS.items():
        files.append(folder / f"{name}.txt")
        files[-1].write_text(text)
    data = folder / "varnia"
    run("new", data, "--from", *files, "--title", "Offices of Varnia")
    with open(data / "entities.csv", newline="") as file:
        columns = next(csv.reader(file))
    with open(data / "entities.csv", "a", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writerows({"id": name.lower().replace(" ", "-"), "kind": "institution", "name": name} for name in NAMES)
    return data


def dated(sentence):
    """A date that the sentence states, as the tables write it."""
    day = re.search(rf"(\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}})", sentence)
    year = re.search(r"\bin (\d{4})\b", sentence, re.IGNORECASE)
    return f"{day[3]}-{MONTHS[day[2]]:02}-{int(day[1]):02}" if day else year[1] if year else None


def names_by_pattern(sentence):
    return [(found.start(), found[0]) for found in re.finditer("|".join(NAMES), sentence)]


def names_by_spacy():
    """spaCy's reader of names; nothing when it or its model is not installed."""
    try:
        import spacy

        model = spacy.load("en_core_web_sm")
    except (ImportError, OSError):
        return None
    ruler = model.add_pipe("entity_ruler", before="ner")
    ruler.add_patterns([{"label": "ORG", "pattern": name} for name in NAMES])
    return lambda sentence: [(one.start_char, one.text) for one in model(sentence).ents if one.label_ == "ORG" and one.text in NAMES]


def propose(sentences, names_of):
    """What a careless reader makes of the sentences: it does not look at `never`, and takes the first name to be the subject."""
    for one in sentences:
        text = one["text"]
        names = [name for _, name in sorted(names_of(text))]
        said = next(((words, relation) for words, relation in RELATIONS.items() if words in text), None)
        if said is None or len(names) < 2:
            continue
        date = dated(text)
        yield {
            "subject": names[0].lower().replace(" ", "-"),
            "relation": said[1],
            "object": names[1].lower().replace(" ", "-"),
            "qualifiers": {"date": date} if date else {},
            "locator": one["locator"],
            "wording": said[0],
            "fingerprint": one["fingerprint"],
        }


def main(folder):
    data = prepare(folder)
    sentences = [json.loads(line) for line in run("number", *(folder / f"{name}.txt" for name in TEXTS), "--format", "jsonl").splitlines()]
    reader = names_by_spacy()
    proposals = list(propose(sentences, reader or names_by_pattern))
    # and one that a model might make up: the sentence is there, and says something else
    proposals.append({**proposals[0], "object": "revenue-agency"})
    lines = folder / "proposals.jsonl"
    lines.write_text("".join(json.dumps(one) + "\n" for one in proposals))
    print(len(sentences), "sentences,", len(proposals), "proposals by", "spaCy" if reader else "patterns")

    told = run("suggest", data, "--jsonl", lines, "--by", "example", "--write", "--format", "jsonl")
    for verdict in map(json.loads, told.splitlines()):
        print(f"{verdict['verdict']:9} {verdict['claim']}  [{verdict['place']}]  {verdict['fell']}".rstrip())

    print(run("check", data, "--sources", data / "texts", notes=True).rstrip())
    with shejire.dataset(data) as db:
        for row in db.execute("MATCH (a)-[r]->(b) RETURN a.name AS a, type(r) AS did, b.name AS b, r.date AS date ORDER BY a, did", cite=True):
            print(row["a"], row["did"], row["b"], row["date"], [str(place) for place in row.citations])
        for conflict in db.conflicts():
            print("in conflict:", " | ".join(f"{side.claim} {side.states}" for side in conflict.sides))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder))
