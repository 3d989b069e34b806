// Which bodies and events belong to the Human Rights Council, directly or through others?
MATCH path = (part)-[:part-of*1..4]->(:Entity {id: 'un-human-rights-council'})
RETURN part.name AS part, min(length(path)) AS steps
ORDER BY steps, part
