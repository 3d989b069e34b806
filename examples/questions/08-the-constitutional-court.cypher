// Was the Constitutional Court established or re-established, and who says which?
MATCH (state)-[r:established|re-established]->(court:Entity {id: 'constitutional-court'})
RETURN state.name AS actor, type(r) AS act, support(r) AS documents, sources(r) AS sources
ORDER BY act
