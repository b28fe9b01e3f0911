package dev.weir.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StageLimitWireTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'kind':'upserted','id':'sales/offer','properties':{'stalled_after':'12d'}|none",
                "'kind':'upserted','id':'sales/offer','properties':{'stalled_after':'PT36H'}|none",
                "'kind':'deleted','id':'sales/offer'|none",
                "'kind':'upserted','id':'offer','properties':{'stalled_after':'12d'}|id is no stage",
                "'kind':'upserted','id':'sales/','properties':{'stalled_after':'12d'}|id is no stage",
                "'kind':'upserted','id':'sales/offer'|properties.stalled_after is missing or no duration",
                "'kind':'upserted','id':'sales/offer','properties':{'stalled_after':''}|properties.stalled_after is missing",
                "'kind':'upserted','id':'sales/offer','properties':{'stalled_after':'0d'}|at most 3660d",
                "'kind':'upserted','id':'sales/offer','properties':{'stalled_after':'9999d'}|at most 3660d",
                "'kind':'upserted','id':'sales/offer','properties':{'stalled_after':'soon'}|such as",
                "'kind':'merged','id':'sales/offer','into_id':'sales/lead'|stages are not merged",
            })
    void whatIsNoLimitSaysWhy(String fields, String why) {
        String line = "{'type':'entity','event_id':'e1','occurred_at':'2026-03-02T12:00:00Z','entity':'stage'," + fields
                + "}";
        assertThat(String.valueOf(NativeJson.read(line.replace('\'', '"')).reason()))
                .contains(why.replace("none", "null"));
    }
}
