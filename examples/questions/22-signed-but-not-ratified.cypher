// Which treaties are signed without any document saying that they are ratified?
MATCH (:Entity {id: 'kazakhstan'})-[:signed]->(treaty:treaty)
WHERE NOT (:Entity {id: 'kazakhstan'})-[:ratified]->(treaty)
RETURN treaty.name AS treaty
