// Which facts do at least four documents assert?
MATCH (a)-[r]->(b)
WHERE support(r) >= 4
RETURN a.name AS subject, type(r) AS relation, b.name AS object, support(r) AS documents
ORDER BY documents DESC, subject, relation, object
