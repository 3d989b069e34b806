// Which document says that powers passed to the Senate?
MATCH (power:function)-[r:transferred-to]->(:Entity {id: 'senate'})
RETURN power.name AS power, sources(r) AS sources
