// Where do documents contradict each other about the Constitutional Court?
CONFLICTS OF 'Constitutional Court'
