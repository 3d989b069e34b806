// Which treaties were signed and which ratified, and whom do they protect?
MATCH (actor)-[r:signed|ratified]->(treaty:treaty)
RETURN treaty.name AS treaty, type(r) AS act, support(r) AS documents,
       COLLECT { MATCH (treaty)-[:protects]->(whom) RETURN whom.name ORDER BY whom.name } AS protects
ORDER BY treaty, act
