package dev.weir.anomaly;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The watch over a value of which nothing is known, such as how many deals wait: {@link RecordExcess} over the windows that
 * have one. What it finds is one window long.
 */
final class ValueWatch extends Watch {
    /** Windows that are only learned. */
    static final int WARM_UP = 200;

    private static final int WEEKDAYS = 7;

    private final boolean finest;
    private @Nullable RecordExcess excess;
    private int walked;

    /** @param finest whether this grain tells what it finds; every grain has its band and score */
    ValueWatch(Seasons seasons, boolean finest) {
        super(seasons);
        this.finest = finest;
    }

    @Override
    void walk(int same) {
        RecordExcess records = excess;
        if (records == null || same < walked) {
            records = new RecordExcess(WARM_UP, WEEKDAYS);
            episodes.clear();
            walked = 0;
        }
        for (; walked < moments.size(); walked++) {
            step(moments.get(walked), records);
        }
        excess = records;
    }

    private void step(Moment moment, RecordExcess records) {
        boolean warm = records.warm();
        moment.forget();
        if (warm) {
            moment.expected = records.usual();
            moment.lower = records.lower();
            moment.upper = records.upper();
        }
        if (moment.point.denominator() <= 0) {
            return;
        }
        double value = moment.point.numerator() / moment.point.denominator();
        boolean day = Duration.between(moment.point.windowStart(), moment.point.windowEnd())
                        .compareTo(Duration.ofHours(25))
                <= 0;
        double score = records.add(value, day ? moment.window.place().weekday() : 0);
        if (warm) {
            moment.score = score;
            if (finest && score >= RecordExcess.ANOMALY) {
                Episode episode = new Episode(walked, walked, score, value > moment.expected);
                episode.end = walked + 1;
                episode.closed = walked;
                episodes.add(episode);
            }
        }
    }

    @Override
    int lastOf(Episode episode) {
        return episode.anchor;
    }
}
