// What was abolished, repealed or decriminalised?
CALL {
  MATCH ({id: 'kazakhstan'})-[r:abolished|repealed]->(x) RETURN 'ended' AS fate, type(r) AS act, x.name AS what, support(r) AS documents
  UNION
  MATCH ({id: 'kazakhstan'})-[r:decriminalised]->(x) RETURN 'no crime any more' AS fate, type(r) AS act, x.name AS what, support(r) AS documents
}
RETURN fate, act, what, documents
ORDER BY fate, act, what
