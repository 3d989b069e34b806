// Which entities carry 'ombuds' in one of their names, and in which?
MATCH (n:Entity)
WHERE any(name IN [n.name] + coalesce(n.aliases, []) WHERE toLower(name) CONTAINS 'ombuds')
RETURN n.name AS entity, [a IN n.aliases WHERE toLower(a) CONTAINS 'ombuds'] AS names
ORDER BY entity
