// Which laws and codes protect which groups?
MATCH (act:law|code)-[r:protects]->(whom:group)
WITH act, whom ORDER BY whom.name
RETURN act.name AS act, collect(whom.name) AS protects
ORDER BY act
