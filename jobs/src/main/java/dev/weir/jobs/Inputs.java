package dev.weir.jobs;

import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import dev.weir.event.EntityChange;
import dev.weir.event.Feedback;
import dev.weir.machine.Difference;
import org.apache.flink.streaming.api.datastream.DataStream;

/** The events that jobs read, wherever they come from. */
public record Inputs(
        DataStream<Difference<Engagement>> engagements,
        DataStream<Difference<DealChange>> deals,
        DataStream<Difference<Feedback>> feedback,
        DataStream<Difference<EntityChange>> entities) {}
