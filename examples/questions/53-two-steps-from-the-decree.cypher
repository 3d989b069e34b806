// What does the Action Plan of the Presidential Decree protect or combat?
MATCH (decree:decree)<-[:supplements]-(plan:plan)-[r:protects|combats]->(what)
WITH plan, r, what ORDER BY what.name
RETURN plan.name AS plan, type(r) AS does, collect(what.name) AS what
ORDER BY does
