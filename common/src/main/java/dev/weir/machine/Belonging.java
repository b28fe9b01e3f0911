package dev.weir.machine;

/**
 * What {@link Merges} tells an id: to whom it belongs, or that one of its merges was refused.
 *
 * @param of the id that is told
 * @param since after this instant, epoch milliseconds; of a refusal the time of the merge
 * @param root the id that lives on; itself once it is restored, or where others belong to it for all time
 * @param refused id of the event that was refused, else the empty text
 */
public record Belonging(String of, long since, String root, String refused) {}
