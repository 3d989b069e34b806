// Which five institutions stand in the most facts?
MATCH (body:institution)-[r]-()
RETURN body.name AS institution, count(r) AS facts
ORDER BY facts DESC, institution
LIMIT 5
