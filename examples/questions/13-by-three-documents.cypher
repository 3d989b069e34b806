// What was adopted, established or introduced according to three documents or more?
MATCH (:Entity {id: 'kazakhstan'})-[r:adopted|established|re-established|introduced]->(what)
WHERE support(r) >= 3
RETURN type(r) AS act, what.name AS what, sources(r) AS sources
ORDER BY act, what
