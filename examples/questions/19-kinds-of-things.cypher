// How many entities of each kind are there, where there are at least ten?
MATCH (n:Entity)
WITH n.kind AS kind, count(*) AS entities
WHERE entities >= 10
RETURN kind, entities
ORDER BY entities DESC, kind
