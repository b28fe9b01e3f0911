package dev.weir.io;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** The topics, by what their names end in; what they begin with is a setting. */
public final class Topics {
    public static final String ENGAGEMENT = "engagement.v1";
    public static final String DEAL = "deal.v1";
    public static final String FEEDBACK = "feedback.v1";
    public static final String ENTITY = "entity.v1";
    public static final String DESK = "desk.v1";
    public static final String METRIC = "metric.v1";
    public static final String SIGNAL = "signal.v1";
    /** Alerts; of each the brokers keep the newest record. */
    public static final String ALERT = "alert.v1";

    public static final String DEAD_LETTER = "deadletter.v1";
    /** What was told to whom; of each of its keys the brokers keep the newest record. */
    public static final String DELIVERY = "delivery.v1";

    /** What `weir send` writes. */
    public static final List<String> INPUTS = List.of(ENGAGEMENT, DEAL, FEEDBACK, ENTITY, DESK);

    /** All that Weir reads or writes. */
    public static final List<String> ALL =
            List.of(ENGAGEMENT, DEAL, FEEDBACK, ENTITY, DESK, METRIC, SIGNAL, ALERT, DEAD_LETTER, DELIVERY);

    static final int PATIENCE_SECONDS = 20;

    /**
     * Of each key the brokers keep the newest record, whatever its age: else an alert that stands for longer than records are
     * kept would not be there for a receiver that is new, or was away.
     */
    private static final Set<String> NEWEST = Set.of(ALERT, DELIVERY);

    private Topics() {}

    /** The name of a topic on these brokers. */
    public static String name(Settings settings, String topic) {
        return settings.kafka().topicPrefix() + topic;
    }

    /**
     * Makes the topics that are not there; those that are stay as they are.
     *
     * @param forEver true on a machine of one's own, where histories from before the retention time are sent
     * @return the topics that were made
     * @throws Unreachable when the brokers do not answer or refuse
     */
    public static List<String> ensure(Settings settings, boolean forEver) throws Unreachable {
        Map<String, String> config = new HashMap<>();
        config.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
        if (forEver) {
            config.put(TopicConfig.RETENTION_MS_CONFIG, "-1");
        }
        Map<String, String> newest = new HashMap<>(config);
        newest.put(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_COMPACT + "," + TopicConfig.CLEANUP_POLICY_DELETE);
        newest.put(TopicConfig.RETENTION_MS_CONFIG, "-1"); // deleted is what a person deletes, or nothing
        try (Admin admin = Admin.create(properties(settings))) {
            Set<String> there = admin.listTopics().names().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            List<NewTopic> missing = new ArrayList<>();
            for (String topic : ALL) {
                String name = name(settings, topic);
                if (!there.contains(name)) {
                    missing.add(new NewTopic(name, Optional.of(settings.kafka().partitions()), Optional.empty())
                            .configs(NEWEST.contains(topic) ? newest : config));
                }
            }
            return missing.isEmpty() ? List.of() : make(admin, missing);
        } catch (ExecutionException | TimeoutException | KafkaException failure) {
            throw unreachable(settings, failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw unreachable(settings, interrupted);
        }
    }

    /** Those that are made; another may have made one meanwhile, or a broker not have heard of it yet. */
    private static List<String> make(Admin admin, List<NewTopic> missing)
            throws ExecutionException, TimeoutException, InterruptedException {
        List<String> made = new ArrayList<>();
        for (var making : admin.createTopics(missing).values().entrySet()) {
            try {
                making.getValue().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                made.add(making.getKey());
            } catch (ExecutionException failure) {
                if (!(failure.getCause() instanceof TopicExistsException)) {
                    throw failure;
                }
            }
        }
        return made;
    }

    static Properties properties(Settings settings) {
        Properties properties = settings.kafka().client();
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, "5000");
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, "15000");
        properties.put(AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, "200");
        return properties;
    }

    /** The failure with what to do about it. */
    static Unreachable unreachable(Settings settings, Throwable failure) {
        Throwable cause =
                failure instanceof ExecutionException && failure.getCause() != null ? failure.getCause() : failure;
        while (cause instanceof KafkaException && cause.getCause() instanceof KafkaException deeper) {
            cause = deeper;
        }
        boolean silent = cause instanceof TimeoutException
                || cause instanceof org.apache.kafka.common.errors.TimeoutException
                || cause instanceof org.apache.kafka.common.config.ConfigException;
        return new Unreachable(
                "Kafka at " + settings.kafka().bootstrap() + ": " + cause.getMessage()
                        + (silent ? " (is it up, and is kafka.bootstrap right?)" : ""),
                failure);
    }
}
