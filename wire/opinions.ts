/** Why an answer may be disliked. */
export const feedbackReasons = ['wrong', 'unclear', 'instructions', 'style', 'unsafe', 'other'] as const

/** The text that a person agrees to has a version: another text needs another consent. */
export const consentVersion = '1'
