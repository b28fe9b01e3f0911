package dev.weir.conversion;

import java.util.List;

/**
 * One way of a person or account into a funnel.
 *
 * @param funnel which of the playbook's
 * @param number from 1 per person and funnel
 * @param startedAt when step 1 opened it, epoch milliseconds
 * @param reachedAt when each step was reached, -1 for one that was not; the first is {@code startedAt}
 * @param mature whether the funnel's {@code within} has passed since the start, complete or not
 * @param values of the funnel's breakdown fields
 */
record Attempt(int funnel, int number, long startedAt, List<Long> reachedAt, boolean mature, List<String> values) {}
