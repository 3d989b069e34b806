// What is done against torture, and where does it say so?
CITE MATCH (who:Entity)-[r:combats|applies-to|protects]->(what:Entity)
WHERE what.id IN ['torture', 'ill-treatment', 'victims-of-torture']
RETURN who.name AS who, type(r) AS does, what.name AS what
ORDER BY who, does, what
