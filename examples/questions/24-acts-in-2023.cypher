// Which dated things happened in 2023?
MATCH (thing)-[r:dated]->(day:Date)
WHERE day.earliest >= date('2023-01-01') AND day.latest <= date('2023-12-31')
RETURN thing.name AS thing, day.value AS date
ORDER BY date, thing
