// Which counted things exceed one hundred?
MATCH (thing)-[r:has-quantity]->(q:Quantity)
WHERE q.value > 100
RETURN thing.name AS thing, q.bound AS bound, q.value AS number, q.unit AS unit, r.measure AS measure
ORDER BY number DESC, thing
