// What does the media article (003) say the state established or introduced?
MATCH (:Entity {id: 'kazakhstan'})-[r:established|re-established|introduced]->(what) ACCORDING TO '003'
RETURN type(r) AS act, what.name AS what
ORDER BY act, what
