// Which adopted laws and codes carry no date in any document?
MATCH ()-[r:adopted]->(act:law|code)
WHERE r.date IS NULL AND NOT (act)-[:dated]->()
RETURN DISTINCT act.name AS act
ORDER BY act
