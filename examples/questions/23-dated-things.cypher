// What is dated, in order of time?
MATCH (thing)-[r:dated]->(day:Date)
RETURN day.value AS date, r.what AS what, thing.name AS thing, sources(r) AS sources
ORDER BY day.earliest, day.latest, thing
