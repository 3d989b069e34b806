#!/usr/bin/env python3
"""Fills fuzz/corpus/parse with the queries of the openCypher TCK, and fuzz/cypher.dict with the words of the grammar.

usage: fuzz/seeds.py [TCK]     (TCK: the folder that holds `features`; $SHEJIRE_TCK, else ../shared/tck)
then:  cargo +nightly fuzz run parse -- -dict=fuzz/cypher.dict -max_len=4096 -timeout=5 -rss_limit_mb=1024
"""
import hashlib
import os
import pathlib
import re
import sys

here = pathlib.Path(__file__).resolve().parent
tck = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SHEJIRE_TCK", here.parent / "../shared/tck"))

corpus = here / "corpus" / "parse"
corpus.mkdir(parents=True, exist_ok=True)
count = 0
for feature in sorted(tck.glob("features/**/*.feature")):
    for query in re.findall(r'"""\n(.*?)"""', feature.read_text(encoding="utf-8"), re.S):
        text = "\n".join(line.strip() for line in query.strip().splitlines()).encode()
        (corpus / hashlib.sha1(text).hexdigest()).write_bytes(text)
        count += 1
print(f"{count} queries in {corpus}" if count else f"no TCK in {tck}: the corpus stays as it is")

grammar = "".join(p.read_text(encoding="utf-8") for p in sorted((here.parent / "grammar").glob("*.pest")))
words = sorted({w.upper() for w in re.findall(r'\^"(\w+)" ~ !word_part', grammar)})
marks = ["<>", "<=", ">=", "=~", "..", "::", "+=", "-[", "]->", "<-[", "]-", "-->", "{.*}", "*1..3", "){1,3}", "/*", "*/", "//", "\\\\u0041", "`"]
(here / "cypher.dict").write_text("".join(f'"{w}"\n' for w in words + marks), encoding="utf-8")
print(f"{len(words) + len(marks)} words in {here / 'cypher.dict'}")
