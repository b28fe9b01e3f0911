package dev.weir.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class HtmlTest {
    @Test
    void aValueIsNeverMarkup() {
        Html html = Html.of("<a title=\"{}\">{}</a>", "\" onclick='x'", "<script>&amp;");

        assertThat(html.text()).isEqualTo("<a title=\"&quot; onclick=&#39;x&#39;\">&lt;script&gt;&amp;amp;</a>");
    }

    @Test
    void aPieceStandsAsItIsAndAListAsItsPieces() {
        assertThat(Html.of("<ul>{}</ul>", List.of(Html.of("<li>{}</li>", 1), Html.of("<li>{}</li>", "{}")))
                        .text())
                .isEqualTo("<ul><li>1</li><li>{}</li></ul>");
    }

    @Test
    void whatMovesOtherTextIsWrittenOut() {
        assertThat(Html.of("{}", "a\u202eb\u0007c\u2066d\u2028e\nf").text())
                .isEqualTo("a\\u{202e}b\\u{7}c\\u{2066}d\\u{2028}e\nf");
    }

    @Test
    void placesAndValuesMustBeAsMany() {
        assertThatThrownBy(() -> Html.of("{} {}", 1)).hasMessageContaining("too few values");
        assertThatThrownBy(() -> Html.of("{}", 1, 2)).hasMessageContaining("too few places");
    }
}
