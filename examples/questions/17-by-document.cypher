// How many facts does each document assert, and how many of them does it assert alone?
MATCH ()-[r]->()
UNWIND sources(r) AS source
RETURN source, count(*) AS facts, sum(CASE support(r) WHEN 1 THEN 1 ELSE 0 END) AS alone
ORDER BY source
