// Which rules and systems gave way to which others, and through which act?
MATCH (old)-[r:replaced-by]->(new)
OPTIONAL MATCH (act:Entity) WHERE act.id IN r.through
RETURN old.name AS `before`, new.name AS `after`, act.name AS through, r.date AS date, support(r) AS documents
ORDER BY `before`, `after`
