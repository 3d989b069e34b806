// Which international standards are said to be met most often, and by what?
MATCH (what)-[:complies-with]->(standard:standard|treaty)
WITH standard, what ORDER BY what.name
RETURN standard.name AS standard, count(*) AS times, collect(what.name) AS met_by
ORDER BY times DESC, standard
LIMIT 5
