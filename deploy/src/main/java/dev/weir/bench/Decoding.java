package dev.weir.bench;

import dev.weir.avro.Deal;
import dev.weir.event.DealChange;
import dev.weir.event.Engagement;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.jspecify.annotations.Nullable;

/** Avro bytes to events. */
final class Decoding {
    private Decoding() {}

    static final class OfEngagement implements Feed.Decode<Engagement> {
        private transient @Nullable SpecificDatumReader<dev.weir.avro.Engagement> reader;
        private transient @Nullable BinaryDecoder decoder;

        @Override
        public Engagement of(byte[] bytes) throws Exception {
            if (reader == null) {
                reader = new SpecificDatumReader<>(dev.weir.avro.Engagement.getClassSchema());
            }
            decoder = DecoderFactory.get().binaryDecoder(bytes, 10, bytes.length - 10, decoder);
            dev.weir.avro.Engagement e = reader.read(new dev.weir.avro.Engagement(), decoder);
            return new Engagement(
                    e.getEventId(),
                    e.getOccurredAt(),
                    e.getPersonId(),
                    e.getAnonymousId(),
                    e.getAccountId(),
                    e.getDealId(),
                    e.getKind(),
                    e.getChannel(),
                    e.getCampaign(),
                    e.getAsset(),
                    e.getAssetVersion(),
                    e.getProperties());
        }
    }

    static final class OfDeal implements Feed.Decode<DealChange> {
        private transient @Nullable SpecificDatumReader<Deal> reader;
        private transient @Nullable BinaryDecoder decoder;

        @Override
        public DealChange of(byte[] bytes) throws Exception {
            if (reader == null) {
                reader = new SpecificDatumReader<>(Deal.getClassSchema());
            }
            decoder = DecoderFactory.get().binaryDecoder(bytes, 10, bytes.length - 10, decoder);
            Deal d = reader.read(new Deal(), decoder);
            return new DealChange(
                    d.getEventId(),
                    d.getOccurredAt(),
                    d.getDealId(),
                    d.getKind(),
                    d.getPipeline(),
                    d.getStage(),
                    d.getDealType(),
                    d.getAmount(),
                    d.getRecurringAmount(),
                    d.getCurrency(),
                    d.getOwnerId(),
                    d.getAccountId(),
                    d.getPersonIds(),
                    d.getExpectedClose(),
                    d.getIntoId(),
                    d.getLossReason(),
                    d.getForecastCategory(),
                    d.getContractStart(),
                    d.getContractEnd(),
                    d.getCleared(),
                    d.getProperties());
        }
    }
}
