// Which groups are protected by plans only?
MATCH (whom:group)<-[:protects]-(who)
WITH whom, collect(who) AS protectors
WHERE all(p IN protectors WHERE p:plan)
RETURN whom.name AS whom, [p IN protectors | p.name] AS plans
ORDER BY whom
