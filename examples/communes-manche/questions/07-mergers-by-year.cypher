// In which years were the most communes merged?
MATCH (:commune)-[r:merged-into]->(:commune)
RETURN substring(r.effective, 0, 4) AS year, count(*) AS mergers
ORDER BY mergers DESC, year LIMIT 6
