// Which communes were merged, split off, and merged again?
MATCH (first:commune)-[m:merged-into]->(:commune)
MATCH (:commune)-[s:split-into]->(again:commune {name: first.name})-[n:merged-into]->(last:commune)
WHERE m.effective < s.effective
RETURN first.name AS commune, m.effective AS merged, s.effective AS split, n.effective AS again, last.name AS into
ORDER BY commune
