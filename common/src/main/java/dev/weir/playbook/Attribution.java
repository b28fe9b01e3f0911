package dev.weir.playbook;

import java.io.Serializable;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * How the revenue of won deals, and the worth of completed funnels, is shared out among the touches before it. None of the
 * models is causal: they say which touches came before revenue, not which brought it about.
 *
 * @param definition hash of this section and of what it depends on (zone, pipelines, currency, rates, funnels it names), twelve
 *     hex digits
 * @param touches the CEL condition on an engagement that makes it a touch
 * @param lookback how long before a win a touch still counts
 * @param halfLife of {@link Model#TIME_DECAY}
 * @param models which are computed
 * @param channels at most {@link #CHANNELS}, those that {@link Model#MARKOV} tells apart; all others are one
 * @param dealTypes only deals of these types are conversions; empty: all
 * @param minimumConversions below so many in a window, readers see first, last and linear only
 * @param windows grains beside {@link Grain#ALL}
 * @param completions funnels that are conversions when they are completed, each once
 */
public record Attribution(
        String definition,
        String touches,
        Duration lookback,
        Duration halfLife,
        List<Model> models,
        List<String> channels,
        List<String> dealTypes,
        int minimumConversions,
        List<Grain> windows,
        List<Completion> completions)
        implements Serializable {

    /** Most channels that are told apart. */
    public static final int CHANNELS = 12;

    /**
     * A funnel whose completed attempts are conversions.
     *
     * @param funnel its name
     * @param value what each is worth in the reporting currency; 0 where only the share of each touch is wanted
     */
    public record Completion(String funnel, BigDecimal value) implements Serializable {}

    /** A rule by which credit is given. */
    public enum Model {
        /** All to the first touch. */
        FIRST,
        /** All to the last touch. */
        LAST,
        /** The same to each touch. */
        LINEAR,
        /** 40 % to the first, 40 % to the last, the rest evenly between; one touch takes all, two take halves. */
        POSITION,
        /** Half as much for each half-life that a touch lies before the win. */
        TIME_DECAY,
        /** The Shapley value of the channels, each channel's part evenly among its touches. */
        SHAPLEY,
        /** The removal effect of each channel in the chain of all paths of a window; by channel only. */
        MARKOV;

        /** The word in playbooks and tables. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
