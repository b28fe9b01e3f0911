package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void nothingThatATerminalObeysIsPrinted() {
        assertThat(Printable.text("a\u001b[2J\n\u202eb\u0000é€")).isEqualTo("a\\u{1b}[2J\\u{a}\\u{202e}b\\u{0}é€");
        byte[] bytes = "deal \u001b]0;x\u0007 d1 and more".getBytes(StandardCharsets.UTF_8);
        assertThat(Printable.dump(bytes, 20))
                .containsExactly(
                        "00000000  64 65 61 6c 20 1b 5d 30 3b 78 07 20 64 31 20 61  deal .]0;x. d1 a",
                        "00000010  6e 64 20 6d                                      nd m",
                        "… 3 more bytes");
        assertThat(Printable.dump(new byte[0], 20)).isEmpty();
    }
}
