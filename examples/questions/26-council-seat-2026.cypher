// Of which bodies is Kazakhstan a member at the start of 2026?
MATCH (:Entity {id: 'kazakhstan'})-[r:member-of]->(body) AS OF date('2026-01-01')
RETURN body.name AS body
