// Who or what protects women, and in how many documents does it stand?
MATCH (protector:Entity)-[r:protects]->(:Entity {id: 'women'})
RETURN protector.kind AS kind, protector.name AS protector, support(r) AS documents, sources(r) AS sources
ORDER BY documents DESC, protector
