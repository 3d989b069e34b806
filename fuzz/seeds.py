#!/usr/bin/env python3
"""Fills fuzz/corpus/{parse,execute,pipe} with the queries of the openCypher TCK, and fuzz/cypher.dict with the words
of the grammar.

usage: fuzz/seeds.py [TCK]     (TCK: the folder that holds `features`; $SHEJIRE_TCK, else ../shared/tck)
then:  cargo +nightly fuzz run parse   -- -dict=fuzz/cypher.dict -max_len=4096 -timeout=5 -rss_limit_mb=1024
       cargo +nightly fuzz run execute -- -dict=fuzz/cypher.dict -max_len=1024 -timeout=5 -rss_limit_mb=1024
       cargo +nightly fuzz run pipe --features pipe -- -dict=fuzz/cypher.dict -max_len=2048 -timeout=10 -rss_limit_mb=1024

The readers have seeds of their own, fuzz/seeds/read_*:
       cargo +nightly fuzz run read_gml fuzz/corpus/read_gml fuzz/seeds/read_gml -- -max_len=4096 -timeout=20 -rss_limit_mb=2048
"""
import hashlib
import json
import os
import pathlib
import re
import sys

here = pathlib.Path(__file__).resolve().parent
tck = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SHEJIRE_TCK", here.parent / "../shared/tck"))


def keep(target, text):
    folder = here / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha1(text.encode()).hexdigest()).write_text(text, encoding="utf-8")


def request(op, **more):
    return json.dumps({"op": op, **more}, ensure_ascii=False)


count = 0
for feature in sorted(tck.glob("features/**/*.feature")):
    for query in re.findall(r'"""\n(.*?)"""', feature.read_text(encoding="utf-8"), re.S):
        text = "\n".join(line.strip() for line in query.strip().splitlines())
        keep("parse", text)
        keep("execute", text)
        if count % 4 == 0:
            run = request("run", query=text, params={"p": 1, "list": [1, None, {"$map": {"a": 1.5}}]})
            keep("pipe", "\n".join([run, request("begin"), run, request(["commit", "rollback"][count % 8 // 4]), run, request("snapshot")]))
        count += 1
keep("pipe", "\n".join(request(op) for op in ["check", "begin", "reset", "rollback", "reset", "commit", "nothing"]) + "\nno json\n{}\n[]")
procedure = {"name": "test.my.proc", "in": [["a", "STRING?"]], "out": [["b", "INTEGER?"]], "rows": [{"a": "x", "b": 1}]}
keep("pipe", request("procedure", **procedure) + "\n" + request("run", query="CALL test.my.proc('x') YIELD b RETURN b"))
value = {"$temporal": "2020-01-01T00:00[Europe/Stockholm]"}, {"$float": "NaN"}, {"$map": {}}, {"$node": {"id": 1}}, {}, [[]], 1e400
for v in value:
    keep("pipe", request("run", query="RETURN $v AS v", params={"v": v}).replace("Infinity", "1e400"))
print(f"{count} queries under {here / 'corpus'}" if count else f"no TCK in {tck}: the corpora stay as they are")

grammar = "".join(p.read_text(encoding="utf-8") for p in sorted((here.parent / "grammar").glob("*.pest")))
words = sorted({w.upper() for w in re.findall(r'\^"(\w+)" ~ !word_part', grammar)})
marks = ["<>", "<=", ">=", "=~", "..", "::", "+=", "-[", "]->", "<-[", "]-", "-->", "{.*}", "*1..3", "){1,3}", "/*", "*/", "//", "\\\\u0041", "`"]
(here / "cypher.dict").write_text("".join(f'"{w}"\n' for w in words + marks), encoding="utf-8")
print(f"{len(words) + len(marks)} words in {here / 'cypher.dict'}")
