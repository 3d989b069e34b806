// What share of the UPR recommendations was accepted?
MATCH (r:Entity {id: 'upr-recommendations'})-[f:has-quantity]->(q:Quantity)
WITH r, min(q.value) AS accepted, max(q.value) AS received
RETURN accepted, received, round(100.0 * accepted / received, 1) AS percent
