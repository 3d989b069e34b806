// Which offices and mechanisms, rather than laws or plans, protect children?
MATCH (body:office|institution|mechanism)-[r:protects]->(:Entity {id: 'children'})
RETURN body.name AS body, body.kind AS kind, r.scope AS scope, sources(r) AS sources
ORDER BY body
