// Did the Ministry of Health succeed the Ministry of Internal Affairs?
MATCH (interior:Entity {id: 'ministry-of-internal-affairs'})-[r:transformed-into|replaced-by|followed-by]->(health)
RETURN interior.name AS predecessor, type(r) AS kind, health.name AS successor
