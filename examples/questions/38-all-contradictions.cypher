// Which contradictions (not mere differences of scope or status) are there?
CONFLICTS YIELD topic, type, leftSupport, rightSupport
WHERE type = 'contradiction'
RETURN topic, leftSupport, rightSupport
ORDER BY topic
