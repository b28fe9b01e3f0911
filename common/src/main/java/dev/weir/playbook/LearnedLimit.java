package dev.weir.playbook;

import java.io.Serializable;
import java.time.Duration;
import java.time.LocalDate;

/**
 * How long deals were learned to take in a stage, fixed when it was learned: later ones stand beside it and never change it.
 *
 * @param from first day on which it holds, for deals that fall quiet from then on
 */
public record LearnedLimit(LocalDate from, Duration limit) implements Serializable {}
