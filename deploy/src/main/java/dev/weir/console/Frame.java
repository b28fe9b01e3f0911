package dev.weir.console;

import java.util.List;

/** What surrounds every page: head, navigation, foot. */
final class Frame {
    private Frame() {}

    /**
     * A whole document.
     *
     * @param news what {@code /news} said before the page was made
     */
    static String of(Page shown, List<Page> pages, Query query, Html body, long news) {
        List<Html> links = pages.stream()
                .map(page -> Html.of(
                        "<li><a href=\"{}?{}\"{}>{}</a></li>",
                        page.path(),
                        query.text(),
                        page == shown ? Html.of(" aria-current=\"page\"") : Html.EMPTY,
                        page.name()))
                .toList();
        return document(
                shown.name(),
                Html.of(
                        "<nav aria-label=\"Pages\"><ul>{}</ul></nav></div></header>"
                                + "<main id=\"content\" tabindex=\"-1\" data-news=\"{}\">{}</main>",
                        links,
                        news,
                        body));
    }

    /** A document that says why there is no page, and the mend. */
    static String refusal(String what, String mend) {
        return document(
                what,
                Html.of(
                        "</div></header><main id=\"content\" data-news=\"\"><h1>{}</h1><p>{}</p>"
                                + "<p><a href=\"/\">To the overview</a></p></main>",
                        what,
                        mend));
    }

    private static String document(String title, Html rest) {
        return Html.of("""
                        <!doctype html>
                        <html lang="en"><head><meta charset="utf-8"><title>{} · Weir</title>
                        <meta name="viewport" content="width=device-width, initial-scale=1">
                        <link rel="icon" href="/console/icon.svg"><link rel="stylesheet" href="/console/console.css">
                        <script src="/console/console.js" defer></script></head>
                        <body><a class="skip" href="#content">Skip to the content</a>
                        <header><div><a class="name" href="/">Weir</a>{}
                        <footer><p>Every number corrects itself: it is as of the watermark, and moves when a late fact comes.
                        <span id="live" role="status"></span></p></footer></body></html>
                        """, title, rest).text();
    }
}
