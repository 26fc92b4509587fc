/**
 * For checks of how the fields of a body fit together: they look at nothing while a field is not what it should be. Zod
 * runs them over half-checked values otherwise, whose shape they may not rely on.
 */
export const onceWhole = { when: ({ issues }: { issues: readonly unknown[] }): boolean => issues.length === 0 }
