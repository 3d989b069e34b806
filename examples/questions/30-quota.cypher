// Whom does the quota of 30 percent benefit, and which documents name whom?
MATCH (quota:quota)-[r:benefits]->(whom)
MATCH (quota)-[q:has-quantity]->(share:Quantity {unit: 'percent'})
RETURN quota.name AS quota, share.name AS share, whom.name AS whom, sources(r) AS sources
ORDER BY whom
