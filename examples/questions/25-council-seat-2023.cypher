// Of which bodies was Kazakhstan a member in the middle of 2023?
MATCH (:Entity {id: 'kazakhstan'})-[r:member-of]->(body) AS OF date('2023-06-01')
RETURN body.name AS body, r.start AS `from`, r.end AS until, sources(r) AS sources
