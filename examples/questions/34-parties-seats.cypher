// Which parties gained seats in Parliament, and which of them arose from easier registration?
MATCH (party:party)-[:gained-seats-in]->(:Entity {id: 'parliament'})
OPTIONAL MATCH (cause)-[:led-to]->(party)
RETURN party.name AS party, cause.name AS owes_its_emergence_to
ORDER BY party
