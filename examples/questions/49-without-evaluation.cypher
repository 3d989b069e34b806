// How many facts are evaluative only, and which share of all facts is that?
MATCH ()-[r]->()
WITH count(*) AS facts, sum(CASE WHEN r.evaluative THEN 1 ELSE 0 END) AS evaluative
RETURN evaluative, facts, round(100.0 * evaluative / facts, 1) AS percent
