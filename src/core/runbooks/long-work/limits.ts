/**
 * For statements that take what they take: 23 days in ms, as near to "without limit" as timers allow. The person sees the
 * progress and cancels.
 */
export const withoutLimitMs = 2_000_000_000;
