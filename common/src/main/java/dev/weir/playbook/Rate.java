package dev.weir.playbook;

import java.io.Serializable;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Map;

/**
 * Exchange rates that hold from a date on.
 *
 * @param toReporting how much of the reporting currency one unit of each currency is
 */
public record Rate(LocalDate from, Map<String, BigDecimal> toReporting) implements Serializable {}
