// Who can go to the Constitutional Court directly, and which documents say so?
MATCH (who)-[r:has-access-to {mode: 'direct'}]->(:Entity {id: 'constitutional-court'})
RETURN who.name AS who, r.purpose AS purpose, sources(r) AS sources
ORDER BY who
