// What was the commune of Pontorson before, and what became of it?
MATCH (a:commune {name: 'Pontorson'})-[r]->(b:commune)
RETURN type(r) AS act, b.id AS becomes, b.name AS name, r.effective AS effective, support(r) AS documents
ORDER BY effective, becomes
