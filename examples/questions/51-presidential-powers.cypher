// How were the powers of the President limited, and through what?
MATCH (who)-[r:limited|introduced]->(what)
WHERE what.id IN ['presidential-powers', 'super-presidential-powers', 'single-seven-year-term', 'presidential-quota-senate']
RETURN who.name AS who, type(r) AS act, what.name AS what, [act IN entities(r, 'through') | act.name] AS through, sources(r) AS sources
ORDER BY act, what
