// Which acts of the state do both the non-paper (000) and the article on the decree (004) report?
MATCH (:Entity {id: 'kazakhstan'})-[r]->(what:Entity)
WHERE all(s IN ['000', '004'] WHERE s IN sources(r))
RETURN type(r) AS act, what.name AS what
ORDER BY act, what
