// How are the National Kurultai and the Constitutional Court connected?
MATCH (a:Entity {id: 'national-kurultai'}), (b:Entity {id: 'constitutional-court'})
MATCH path = allShortestPaths((a)-[*..6]-(b))
RETURN length(path) AS steps, count(*) AS ways, min([n IN nodes(path) | n.name]) AS one_of_them
