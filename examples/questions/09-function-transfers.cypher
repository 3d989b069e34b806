// Which functions passed from which body to which, and is the transfer done?
MATCH (function)-[r:transferred-to]->(new)
OPTIONAL MATCH (old:Entity {id: r.from})
RETURN function.name AS function, old.name AS `from`, new.name AS `to`, [s IN stated(r, 'status') | s.value] AS status, sources(r) AS sources
ORDER BY function
