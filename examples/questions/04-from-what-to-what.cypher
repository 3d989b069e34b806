// Which numbers did the reforms change, from what to what?
MATCH (rule)-[r:changed-to]->(value:Quantity)
RETURN rule.name AS rule, r.from AS `from`, value.name AS `to`, r.direction AS direction, sources(r) AS sources
ORDER BY rule
