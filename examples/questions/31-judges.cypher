// How many judges has the Constitutional Court, and who appoints them?
MATCH (court:Entity {id: 'constitutional-court'})<-[:part-of]-(post:office)<-[r:appoints]-(by)
OPTIONAL MATCH (consent:Entity) WHERE consent.id IN r.with_consent_of
RETURN post.name AS post, by.name AS appointed_by, r.count AS count, r.of AS of, consent.name AS with_consent_of
ORDER BY post
