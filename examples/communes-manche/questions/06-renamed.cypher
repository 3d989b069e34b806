// Which communes have changed their names since 1990?
MATCH (a:commune)-[r:renamed-to]->(b:commune)
WHERE r.effective >= '1990'
RETURN a.name AS formerly, b.name AS name, r.effective AS effective
ORDER BY effective
