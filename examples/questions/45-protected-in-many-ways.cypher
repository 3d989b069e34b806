// Which groups are protected by at least three different kinds of things?
MATCH (who)-[:protects]->(whom:group)
WITH whom, collect(DISTINCT who.kind) AS kinds
WHERE size(kinds) >= 3
UNWIND kinds AS kind
WITH whom, kind ORDER BY kind
RETURN whom.name AS whom, collect(kind) AS protected_by
ORDER BY size(protected_by) DESC, whom
