// How many communes did the department have on 1 January 2024?
MATCH (c:commune)-[:lies-in]->(d:departement) AS OF date('2024-01-01')
RETURN d.name AS department, count(c) AS communes
