// Who takes part in the tripartite mechanism for refugees, and which of them has given up a function?
MATCH (body)-[:member-of]->(:Entity {id: 'tripartite-refugee-mechanism'})
RETURN body.name AS body, EXISTS { (body)<-[:transferred-from]-() } AS gave_up_a_function
ORDER BY body
