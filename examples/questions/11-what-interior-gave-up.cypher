// What did the Ministry of Internal Affairs give up, and to whom?
MATCH (function)-[r:transferred-from]->(:Entity {id: 'ministry-of-internal-affairs'})
MATCH (new:Entity {id: r.to})
RETURN function.name AS function, new.name AS now_with, [s IN stated(r, 'status') | s.value] AS status, support(r) AS documents
