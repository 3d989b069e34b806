// Which things protected does no document but the Minister's article (002) name?
MATCH (who)-[r:protects]->(what)
WHERE sources(r) = ['002']
RETURN who.name AS who, what.name AS what
ORDER BY who, what
