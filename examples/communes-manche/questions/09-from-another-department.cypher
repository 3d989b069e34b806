// Which commune came from another department?
CITE MATCH (a:commune)-[r:recoded-to]->(b:commune)
RETURN a.id AS was, b.id AS is_now, b.name AS name, r.effective AS effective
