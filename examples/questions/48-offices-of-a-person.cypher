// Which offices do persons hold, and how many statements of theirs are quoted?
MATCH (person:person)-[:holds-office]->(office)
RETURN person.name AS person, collect(DISTINCT office.name) AS offices, COUNT { (person)-[:stated]->() } AS statements
ORDER BY person
