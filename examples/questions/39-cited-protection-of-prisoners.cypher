// Who protects prisoners, detainees and convicts, sentence by sentence?
CITE MATCH (who)-[:protects]->(whom:group)
WHERE whom.id IN ['prisoners', 'detainees', 'convicts', 'persons-in-closed-institutions']
RETURN who.name AS who, whom.name AS whom
ORDER BY who
